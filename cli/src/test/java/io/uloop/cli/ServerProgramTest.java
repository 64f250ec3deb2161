package io.uloop.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The servers as a user runs them: from a terminal, with netcat, until Ctrl-C. */
@ExtendWith(NoDescriptorLeak.class)
class ServerProgramTest {
    private static final String LINE =
            "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d,\\d{3} - [\\w.]+ - INFO - .*";
    private static final String ACCEPTED =
            " - Uloop.TcpServerHandler.read - INFO - connection from 127.0.0.1:";
    private static final String RECEIVED =
            " - Uloop.ClientHandler.read - INFO - received 'hello sock', fd = ";

    private static final int SIGINT = 2;
    private static final int SIGTERM = 15;

    @Test
    void answersNetcatOverTcp() throws Exception {
        try (ServerProcess server = new ServerProcess("time-server")) {
            assertThat(server.greeting()).startsWith("time-server (tcp) listening on 127.0.0.1:");
            assertNetcatIsAnswered(server, List.of());
        }
    }

    @Test
    void answersNetcatOverUdp() throws Exception {
        try (ServerProcess server = new ServerProcess("time-server", "--udp")) {
            assertThat(server.greeting()).startsWith("time-server (udp) listening on 127.0.0.1:");
            assertNetcatIsAnswered(server, List.of("-u"));
        }
    }

    @Test
    void verboseLogsEveryEvent() throws Exception {
        try (ServerProcess server = new ServerProcess("time-server", "--verbose")) {
            try (Socket client = ServerThread.connect(server.address())) {
                client.getOutputStream().write("hello sock".getBytes(US_ASCII));
                assertThat(client.getInputStream().readNBytes(26)).hasSize(26);
            }
            await("the end of the connection to be logged")
                    .atMost(ChildJava.DEADLINE)
                    .until(() -> server.errors().contains("Uloop.ClientHandler.close"));
            assertThat(server.errors().lines())
                    .allMatch(line -> line.matches(LINE))
                    .anyMatch(line -> line.matches(".* - poller \\w+ chosen by priority.*"))
                    .anyMatch(line -> line.contains(ACCEPTED))
                    .anyMatch(line -> line.contains(RECEIVED));
        }
    }

    @Test
    void controlCExitsWith130() throws Exception {
        try (ServerProcess server = new ServerProcess("time-server")) {
            assertThat(server.endBy("INT")).isEqualTo(128 + SIGINT);
            assertThat(server.errors()).isEmpty();
        }
    }

    @Test
    void termStopsAServerWithConnectedClients() throws Exception {
        try (ServerProcess server = new ServerProcess("echo-server");
                Socket client = ServerThread.connect(server.address())) {
            client.getOutputStream().write('x');
            assertThat(client.getInputStream().read()).isEqualTo('x');
            assertThat(server.endBy("TERM")).isEqualTo(128 + SIGTERM);
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertThat(server.errors()).isEmpty();
        }
    }

    private static void assertNetcatIsAnswered(ServerProcess server, List<String> options)
            throws IOException, InterruptedException {
        assumeTrue(Processes.isInstalled("nc"), "nc is not installed");
        ProcessBuilder netcat = new ProcessBuilder("nc");
        netcat.command().addAll(options);
        netcat.command().addAll(List.of("127.0.0.1", Integer.toString(server.address().getPort())));
        Process client = netcat.start();
        try {
            client.getOutputStream().write("hello sock\n".getBytes(US_ASCII));
            client.getOutputStream().flush();
            assertThat(new String(client.getInputStream().readNBytes(26), US_ASCII))
                    .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6}");
        } finally {
            client.destroy();
            client.waitFor();
        }
    }
}
