package io.uloop.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the echo servers with fibers, and their clients, in each mode. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.uloop.examples.FiberModes#all")
@ExtendWith(NoDescriptorLeak.class)
class FiberServersTest {
    private static final String TWENTY_REPLIES = "reply from server = hello\n".repeat(20);

    private final String mode;

    FiberServersTest(String mode) {
        this.mode = mode;
    }

    @Test
    void echoReturnsWhatClientsSend() throws Exception {
        try (Program server = start(FiberEcho.class)) {
            InetSocketAddress address = server.address();
            ServersTest.assertEchoes(address);
            ServersTest.assertAppliesBackPressure(address);
        }
    }

    @Test
    void twentyClientsGetTheirReplies() throws Exception {
        try (Program server = start(FiberEcho.class);
                Program clients = start(FiberClients.class, port(server.address()))) {
            assertThat(clients.rest()).isEqualTo(TWENTY_REPLIES);
        }
    }

    @Test
    void schedulerRunsUntilNoTaskIsLeft() throws Exception {
        assumeTrue(Program.isInstalled("python3"), "python3 is not installed");
        try (Program server = start(FiberScheduler.class, "-Dclients=21")) {
            InetSocketAddress address = server.address();
            ProcessBuilder json =
                    new ProcessBuilder(
                            "python3",
                            "src/test/python/json_client.py",
                            Integer.toString(address.getPort()),
                            "0.2");
            Process sending = json.inheritIO().start();
            try (Program clients = start(FiberClients.class, port(address))) {
                assertThat(clients.rest()).isEqualTo(TWENTY_REPLIES);
            }
            assertThat(sending.waitFor()).isZero();
            assertThat(server.rest())
                    .contains("connection from /127.0.0.1:", "hello\n")
                    .containsPattern("(?s)\"send_user\": \"Lyon\".*\"send_user\": \"Lyon\"")
                    .endsWith("no task is left after 21 clients\n");
        }
    }

    private Program start(Class<?> example, String... options) throws IOException {
        List<String> all = new ArrayList<>(FiberModes.options(mode));
        all.addAll(List.of(options));
        return Program.start(all, example);
    }

    private static String port(InetSocketAddress server) {
        return "-Dport=" + server.getPort();
    }
}
