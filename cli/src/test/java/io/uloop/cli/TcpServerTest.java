package io.uloop.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.uloop.Uloop;
import io.uloop.fiber.FiberMode;
import io.uloop.fiber.Fibers;
import io.uloop.poller.tck.Backends;
import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The TCP servers in this JVM. */
@ParameterizedClass(name = "{0}, {1}")
@MethodSource("kinds")
@ExtendWith(NoDescriptorLeak.class)
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TcpServerTest {
    private static final int BUFFER_SIZE = 4096;
    private static final int ANSWER_LENGTH = 26;

    private static final String HANDLERS = "handlers";

    private final String backend;
    private final String kind;

    TcpServerTest(String backend, String kind) {
        this.backend = backend;
        this.kind = kind;
    }

    /** Each backend with handlers, and with fibers in each mode. */
    static List<Arguments> kinds() throws IOException {
        List<String> modes = FiberModes.names();
        return Backends.names().stream()
                .flatMap(
                        backend ->
                                Stream.concat(Stream.of(HANDLERS), modes.stream())
                                        .map(kind -> Arguments.of(backend, kind)))
                .toList();
    }

    private ServerThread echo;
    private ServerThread time;
    private long openBefore;

    @BeforeEach
    void start() throws IOException {
        echo = new ServerThread(backend, (loop, local) -> open(loop, local, request -> {}));
        time = new ServerThread(backend, (loop, local) -> open(loop, local, new TimeReply()));
        openBefore = open();
    }

    private Server open(Uloop loop, InetSocketAddress local, Reply reply) throws IOException {
        if (kind.equals(HANDLERS)) {
            return TcpServerHandler.open(loop, local, BUFFER_SIZE, reply);
        }
        FiberMode mode = FiberMode.valueOf(kind.toUpperCase(Locale.ROOT));
        return FiberServer.open(Fibers.on(loop, mode), local, BUFFER_SIZE, reply);
    }

    @AfterEach
    void end() throws IOException {
        echo.close();
        time.close();
    }

    @Test
    void answersEveryRequestWithTheTime() throws IOException {
        try (Socket client = time.connect()) {
            for (String request : List.of("hello sock", "\n", "x".repeat(BUFFER_SIZE))) {
                client.getOutputStream().write(request.getBytes(US_ASCII));
                assertThat(new String(client.getInputStream().readNBytes(ANSWER_LENGTH), US_ASCII))
                        .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6}");
            }
        }
    }

    @Test
    void answersARequestBeforeEndOfStream() throws IOException {
        try (Socket client = time.connect()) {
            client.getOutputStream().write('x');
            client.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).hasSize(ANSWER_LENGTH);
        }
    }

    @Test
    void pausesAClientThatDoesNotReadWithoutLoss() throws Exception {
        EchoExchange.run(echo.address(), 32 << 20);
    }

    @Test
    void stuckClientsDoNotDelayOthers() throws IOException {
        List<Socket> stuck = new ArrayList<>();
        try (Socket client = echo.connect()) {
            for (int i = 0; i < 10; i++) {
                Socket socket = echo.connect();
                stuck.add(socket);
                socket.getOutputStream().write(new byte[BUFFER_SIZE]);
            }
            client.getOutputStream().write("still there".getBytes(US_ASCII));
            assertThat(client.getInputStream().readNBytes(11)).isEqualTo(bytes("still there"));
        } finally {
            for (Socket socket : stuck) {
                socket.close();
            }
        }
    }

    @Test
    void halfCloseByTheClientClosesTheConnection() throws IOException {
        try (Socket client = echo.connect()) {
            client.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void resetWhileReadingClosesOnlyThatConnection() throws IOException {
        try (Socket other = echo.connect()) {
            Socket client = echo.connect();
            client.getOutputStream().write('x');
            assertThat(client.getInputStream().read()).isEqualTo('x');
            reset(client);
            awaitOpen(openBefore + 2); // the other connection's two ends
            other.getOutputStream().write('y');
            assertThat(other.getInputStream().read()).isEqualTo('y');
        }
    }

    @Test
    void resetWhileWritingClosesTheConnection() throws IOException {
        Socket client = echo.connect();
        Thread sender = new Thread(() -> sendWithoutEnd(client));
        sender.start();
        AtomicInteger last = new AtomicInteger();
        await("the server to stop writing")
                .atMost(ChildJava.DEADLINE)
                .pollInterval(Duration.ofMillis(200))
                .until(
                        () -> {
                            int now = client.getInputStream().available();
                            return last.getAndSet(now) == now && now > BUFFER_SIZE;
                        });
        reset(client);
        awaitOpen(openBefore);
    }

    @Test
    void closeOfTheServerClosesItsConnections() throws IOException {
        try (Socket client = echo.connect()) {
            client.getOutputStream().write('x');
            assertThat(client.getInputStream().read()).isEqualTo('x');
            echo.close();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    private static void sendWithoutEnd(Socket client) {
        byte[] block = new byte[64 * 1024];
        try {
            while (true) {
                client.getOutputStream().write(block);
            }
        } catch (IOException e) {
            // The test closed the socket.
        }
    }

    private static void reset(Socket client) throws IOException {
        client.setSoLinger(true, 0);
        client.close();
    }

    private static void awaitOpen(long descriptors) {
        await("the server to close its end")
                .atMost(ChildJava.DEADLINE)
                .untilAsserted(() -> assertThat(open()).isEqualTo(descriptors));
    }

    private static long open() throws IOException {
        return Processes.sockets(ProcessHandle.current().pid());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }
}
