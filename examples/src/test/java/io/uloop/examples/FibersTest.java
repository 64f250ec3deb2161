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

/** Runs examples with fibers in the best mode of the JVM. */
@ExtendWith(NoDescriptorLeak.class)
class FibersTest {
    private final String mode = FiberModes.all().get(0);

    @Test
    void chatForwardsMessagesToTheOthers() throws Exception {
        try (Program server = start(FiberChat.class)) {
            ServersTest.assertForwardsMessages(server.address());
        }
    }

    @Test
    void chatDisconnectsAMemberThatDoesNotRead() throws Exception {
        try (Program server = start(FiberChat.class)) {
            ServersTest.assertDisconnectsASilentMember(server.address());
        }
    }

    @Test
    void clientsReportThatThereIsNoServer() throws Exception {
        int port;
        try (Program server = start(FiberEcho.class)) {
            port = server.address().getPort();
        }
        try (Program clients = start(FiberClients.class, "-Dport=" + port)) {
            assertThat(clients.line()).startsWith("client 0 failed: ").contains("ECONNREFUSED");
        }
    }

    @Test
    void loadReportsAnswersOfAllConnections() throws Exception {
        String connections = mode.equals("platform") ? "200" : "2000";
        try (Program server = start(FiberEcho.class);
                Program load =
                        start(
                                FiberLoad.class,
                                port(server.address()),
                                "-Dseconds=3",
                                "-Dconnections=" + connections)) {
            assertThat(load.rest().lines())
                    .hasSize(3)
                    .allMatch(line -> line.matches("\\d+ connections, \\d+ answers"))
                    .anyMatch(line -> line.matches(connections + " connections, [1-9].*"));
        }
    }

    @Test
    @SuppressWarnings("try") // closed to end the program, too
    void serialReadsTheAnswersOfItsDevice() throws Exception {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "needs Linux");
        List<String> options = FiberModes.options(mode);
        try (SerialDevice device = new SerialDevice();
                Program program = Program.start(options, FiberSerial.class, device.path(), "ATI")) {
            assertThat(device.serveUntil(program::line)).isEqualTo("model 7");
            device.close();
            assertThat(program.rest()).matches("|lost the device: .*EIO.*\n");
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
