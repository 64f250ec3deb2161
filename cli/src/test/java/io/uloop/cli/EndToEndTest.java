package io.uloop.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The program in a separate JVM, used by independent clients. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.uloop.poller.tck.Backends#names")
@ExtendWith(NoDescriptorLeak.class)
class EndToEndTest {
    private static final int RESETS = 1000;
    private static final long MEBIBYTE_IN_KIB = 1024;

    private final String backend;

    EndToEndTest(String backend) {
        this.backend = backend;
    }

    @ParameterizedTest
    @ValueSource(strings = {"time-server", "fiber-time"})
    void twoHundredConcurrentClientsGetAllAnswers(String command) throws Exception {
        assumeTrue(Processes.isInstalled("python3"), "python3 is not installed");
        try (ServerProcess server = start(command)) {
            Processes.Result clients =
                    Processes.run(
                            new ProcessBuilder(
                                    "python3",
                                    Path.of("src/test/python/time_clients.py").toString(),
                                    Integer.toString(server.address().getPort()),
                                    "200",
                                    "100"));
            assertThat(clients).isEqualTo(new Processes.Result(0, "20000\n"));
            assertThat(server.errors()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo-server", "fiber-echo"})
    void echoOf64MebibytesToASlowReaderNeedsLittleMemory(String command) throws Exception {
        try (ServerProcess server = start(command)) {
            EchoExchange.run(server.address(), 32 << 20); // warms up the code
            long before = Processes.status(server.pid(), "VmRSS");
            EchoExchange.run(server.address(), 64 << 20);
            long peak = Processes.status(server.pid(), "VmHWM");
            assertThat(peak - before).as("growth in KiB").isLessThan(32 * MEBIBYTE_IN_KIB);
            assertThat(server.errors()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"time-server", "echo-server", "fiber-time", "fiber-echo"})
    void thousandResetsLeakNoSocket(String command) throws Exception {
        try (ServerProcess server = start(command)) {
            assertServes(server);
            long before = Processes.sockets(server.pid());
            for (int i = 0; i < RESETS; i++) {
                Socket client = ServerThread.connect(server.address());
                client.setSoLinger(true, 0);
                client.getOutputStream().write(new byte[100]);
                client.close();
            }
            await("all connections to be closed")
                    .atMost(ChildJava.DEADLINE)
                    .untilAsserted(
                            () ->
                                    assertThat(Processes.sockets(server.pid()))
                                            .isLessThanOrEqualTo(before));
            assertServes(server);
            assertThat(server.errors()).isEmpty();
        }
    }

    private ServerProcess start(String command) throws IOException {
        ServerProcess server = new ServerProcess(command, "--backend", backend);
        assertThat(server.greeting())
                .matches(
                        command
                                + " \\(tcp\\) listening on 127\\.0\\.0\\.1:\\d+, "
                                + backend
                                + (command.startsWith("fiber-") ? ", fibers in mode \\w+" : ""));
        return server;
    }

    private static void assertServes(ServerProcess server) throws IOException {
        try (Socket client = ServerThread.connect(server.address())) {
            client.getOutputStream().write("hello sock".getBytes(US_ASCII));
            assertThat(client.getInputStream().readNBytes(10)).hasSize(10);
        }
    }
}
