package io.uloop.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The servers with fibers as a user runs them, until they are terminated. */
@ExtendWith(NoDescriptorLeak.class)
class FiberProgramTest {
    private static final int SIGTERM = 15;

    @ParameterizedTest
    @MethodSource("io.uloop.cli.FiberModes#names")
    void timeServerAnswersAPythonClientInEachMode(String mode) throws Exception {
        assumeTrue(Processes.isInstalled("python3"), "python3 is not installed");
        try (ServerProcess server = new ServerProcess("fiber-time", "--mode", mode)) {
            assertThat(server.greeting())
                    .startsWith("fiber-time (tcp) listening on 127.0.0.1:")
                    .endsWith(", fibers in mode " + mode);
            String port = Integer.toString(server.address().getPort());
            ProcessBuilder client =
                    new ProcessBuilder("python3", "src/test/python/hello_client.py", port);
            assertThat(Processes.run(client).output())
                    .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6}\n");
            assertThat(server.errors()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.uloop.cli.FiberModes#names")
    void termStopsAServerWithConnectedClients(String mode) throws Exception {
        try (ServerProcess server = new ServerProcess("fiber-echo", "--mode", mode);
                Socket client = ServerThread.connect(server.address())) {
            client.getOutputStream().write('x');
            assertThat(client.getInputStream().read()).isEqualTo('x');
            assertThat(server.endBy("TERM")).isEqualTo(128 + SIGTERM);
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertThat(server.errors()).isEmpty();
        }
    }

    @Test
    void bestModeIsTheDefault() throws IOException {
        try (ServerProcess server = new ServerProcess("fiber-echo")) {
            assertThat(server.greeting()).endsWith(", fibers in mode " + FiberModes.names().get(0));
        }
    }

    @Test
    void verboseLogsEveryReadAndWrite() throws Exception {
        try (ServerProcess server = new ServerProcess("fiber-echo", "--verbose")) {
            try (Socket client = ServerThread.connect(server.address())) {
                client.getOutputStream().write("hello sock".getBytes(US_ASCII));
                assertThat(client.getInputStream().readNBytes(10)).hasSize(10);
            }
            await("the end of the connection to be logged")
                    .atMost(ChildJava.DEADLINE)
                    .until(() -> server.errors().contains("Uloop.FiberServer.close"));
            assertThat(server.errors().lines())
                    .anyMatch(line -> line.contains("accept - INFO - connection from 127.0.0.1:"))
                    .anyMatch(line -> line.contains("read - INFO - received 'hello sock', Fiber"))
                    .anyMatch(line -> line.contains("write - INFO - sent 10 bytes, FiberSocket["))
                    .anyMatch(line -> line.contains("close - INFO - closed by the client, "));
        }
    }
}
