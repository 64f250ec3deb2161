package io.uloop.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.tck.KeyStores;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The echo server with little memory, over TLS and under attack by hostile clients. */
@ExtendWith(NoDescriptorLeak.class)
class SiegeTest {
    private static final String PASSWORD = "password";
    private static final String CLIENTS = "400";

    @TempDir Path folder;

    private String[] tls() throws Exception {
        Path store = KeyStores.create(folder.resolve("store.p12"), PASSWORD);
        return new String[] {"echo-server", "--tls", store.toString(), "--tls-password", PASSWORD};
    }

    @Test
    void answersOpenSslOverTls() throws Exception {
        assumeTrue(Processes.isInstalled("openssl"), "openssl is not installed");
        try (ServerProcess server = new ServerProcess(tls())) {
            assertThat(server.greeting()).startsWith("echo-server (tls) listening on 127.0.0.1:");
            Process client =
                    new ProcessBuilder(
                                    "openssl",
                                    "s_client",
                                    "-quiet",
                                    "-connect",
                                    "127.0.0.1:" + server.address().getPort())
                            .start();
            try {
                client.getOutputStream().write("hello tls\n".getBytes(US_ASCII));
                client.getOutputStream().flush();
                assertThat(new String(client.getInputStream().readNBytes(10), US_ASCII))
                        .isEqualTo("hello tls\n");
            } finally {
                client.destroyForcibly();
                client.waitFor();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void servesHonestClientsUnderAttack(boolean overTls) throws Exception {
        assumeTrue(Processes.isInstalled("python3"), "python3 is not installed");
        String[] arguments = overTls ? tls() : new String[] {"echo-server"};
        // Less heap and direct memory than the hostile clients would fill. TLS needs the
        // optimizing compiler, which knows the CPU's instructions.
        List<String> options =
                List.of(
                        "-Xmx64m",
                        "-XX:MaxDirectMemorySize=12m",
                        "-XX:TieredStopAtLevel=4",
                        "-XX:CompileThresholdScaling=1");
        try (ServerProcess server = new ServerProcess(options, arguments)) {
            List<String> siege =
                    new ArrayList<>(
                            List.of(
                                    "python3",
                                    Path.of("src/test/python/siege.py").toString(),
                                    Integer.toString(server.address().getPort()),
                                    CLIENTS,
                                    "--hold",
                                    "2",
                                    "--allowed",
                                    "60", // the machine may be busy
                                    "--pid",
                                    Long.toString(server.pid())));
            if (overTls) {
                siege.add("--tls");
            }
            Processes.Result result = Processes.run(new ProcessBuilder(siege));
            assertThat(result.status()).as(result.output() + server.errors()).isZero();
            assertThat(server.errors().lines().count()).isLessThan(50);
        }
    }
}
