package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.ClosedLoopException;
import io.uloop.EachBackend;
import io.uloop.connection.TlsIdentity;
import io.uloop.connection.TlsOptions;
import io.uloop.poller.tck.Waiting;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests TLS in fibers: with itself, with the JDK's sockets, and with peers that misbehave. */
class FiberTlsTest extends EachBackend {
    private static final TlsIdentity IDENTITY = TlsIdentity.get();

    static Stream<FiberMode> modes() {
        return Arrays.stream(FiberMode.values())
                .filter(mode -> mode.compareTo(FiberMode.best()) >= 0);
    }

    /** Makes the JDK open the descriptors with which its virtual threads wait for sockets. */
    @BeforeAll
    static void useSocketInVirtualThread() throws Exception {
        if (VirtualThreadFactory.whyNotVirtual() != null) {
            return;
        }
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread client =
                    VirtualThreadFactory.newThread(
                            "client",
                            () -> {
                                try (Socket socket =
                                        new Socket(
                                                server.getInetAddress(), server.getLocalPort())) {
                                    assertThat(socket.getInputStream().read()).isEqualTo('x');
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            });
            client.start();
            try (Socket accepted = server.accept()) {
                Waiting.until(() -> client.getState() == Thread.State.WAITING);
                accepted.getOutputStream().write('x');
                client.join();
            }
        }
    }

    private Fibers fibers;
    private FiberListener listener;
    private InetSocketAddress address;

    private void open(FiberMode mode) throws IOException {
        fibers = Fibers.on(loop, mode);
        listener = closing(FiberListener.open(fibers, anyPort()));
        address = (InetSocketAddress) listener.getLocalAddress();
    }

    private TlsOptions serverOptions(UnaryOperator<TlsOptions.Builder> choice) {
        return choice.apply(TlsOptions.server(IDENTITY.context)).build();
    }

    private FiberTls accept() throws IOException {
        return FiberTls.start(listener.accept(), serverOptions(options -> options));
    }

    private FiberTls connect() throws IOException {
        return startClient(FiberSocket.connect(fibers, address));
    }

    private FiberTls startClient(FiberSocket socket) throws IOException {
        return FiberTls.start(
                socket,
                TlsOptions.client(IDENTITY.keyless, "localhost", address.getPort()).build());
    }

    /** Runs until no fiber is left, and throws what the fiber threw. */
    private void await(Fiber<?>... joined) throws Exception {
        fibers.run();
        for (Fiber<?> each : joined) {
            each.join();
        }
    }

    private static byte[] random(int bytes) {
        byte[] all = new byte[bytes];
        new Random(bytes).nextBytes(all);
        return all;
    }

    /** Otherwise the second of two small records waits for the acknowledgement of the first. */
    @ParameterizedTest
    @MethodSource("modes")
    void bothEndsSendRecordsAtOnce(FiberMode mode) throws Exception {
        open(mode);
        Fiber<Boolean> server =
                fibers.start(
                        "server",
                        () -> {
                            FiberSocket socket = listener.accept();
                            try (FiberTls tls =
                                    FiberTls.start(socket, serverOptions(options -> options))) {
                                return tls.isOpen() && sendsAtOnce(socket);
                            }
                        });
        Fiber<Boolean> client =
                fibers.start(
                        "client",
                        () -> {
                            FiberSocket socket = FiberSocket.connect(fibers, address);
                            try (FiberTls tls = startClient(socket)) {
                                return tls.isOpen() && sendsAtOnce(socket);
                            }
                        });
        await(server, client);
        assertThat(server.join()).isTrue();
        assertThat(client.join()).isTrue();
    }

    private static boolean sendsAtOnce(FiberSocket socket) throws IOException {
        return socket.channel().getOption(StandardSocketOptions.TCP_NODELAY);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void echoesLargeTransfersWithSmallAndLargeBuffers(FiberMode mode) throws Exception {
        open(mode);
        byte[] sent = random(3_000_000);
        Fiber<?> server =
                fibers.start(
                        "server",
                        () -> {
                            try (FiberTls tls = accept()) {
                                ByteBuffer buffer = ByteBuffer.allocate(1000);
                                while (tls.read(buffer.clear()) >= 0) {
                                    tls.write(buffer.flip());
                                }
                            }
                        });
        Fiber<byte[]> client =
                fibers.start(
                        "client",
                        () -> {
                            try (FiberTls tls = connect()) {
                                Fiber<?> writer =
                                        fibers.start(
                                                "writer",
                                                () -> {
                                                    tls.write(ByteBuffer.wrap(sent));
                                                    tls.shutdownOutput();
                                                });
                                byte[] answer = tls.inputStream().readAllBytes();
                                writer.join();
                                return answer;
                            }
                        });
        await(server, client);
        assertThat(client.join()).isEqualTo(sent);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void servesBlockingParsersAndTheSocketsOfTheJdk(FiberMode mode) throws Exception {
        open(mode);
        Fiber<String> server =
                fibers.start(
                        "server",
                        () -> {
                            try (FiberTls tls = accept()) {
                                BufferedReader reader =
                                        new BufferedReader(
                                                new InputStreamReader(
                                                        tls.inputStream(),
                                                        StandardCharsets.US_ASCII));
                                String line = reader.readLine();
                                tls.outputStream()
                                        .write("hello\n".getBytes(StandardCharsets.US_ASCII));
                                return line + reader.readLine(); // null at the close_notify
                            }
                        });
        Fiber<String> client =
                fibers.start(
                        "client",
                        () -> {
                            try (SSLSocket socket =
                                    (SSLSocket)
                                            IDENTITY.keyless
                                                    .getSocketFactory()
                                                    .createSocket(
                                                            address.getAddress(),
                                                            address.getPort())) {
                                socket.getOutputStream()
                                        .write("good day\n".getBytes(StandardCharsets.US_ASCII));
                                return new BufferedReader(
                                                new InputStreamReader(
                                                        socket.getInputStream(),
                                                        StandardCharsets.US_ASCII))
                                        .readLine();
                            }
                        });
        await(server, client);
        assertThat(server.join()).isEqualTo("good daynull");
        assertThat(client.join()).isEqualTo("hello");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void negotiatesProtocolAndRunsTasksInAnExecutor(FiberMode mode) throws Exception {
        open(mode);
        Fiber<String> server =
                fibers.start(
                        "server",
                        () -> {
                            TlsOptions options =
                                    serverOptions(
                                            builder ->
                                                    builder.taskExecutor(ForkJoinPool.commonPool())
                                                            .parameters(
                                                                    parameters -> {
                                                                        parameters.setProtocols(
                                                                                new String[] {
                                                                                    "TLSv1.2"
                                                                                });
                                                                        parameters
                                                                                .setApplicationProtocols(
                                                                                        new String
                                                                                                [] {
                                                                                            "echo"
                                                                                        });
                                                                    }));
                            try (FiberTls tls = FiberTls.start(listener.accept(), options)) {
                                assertThat(tls.read(ByteBuffer.allocate(1))).isEqualTo(-1);
                                return tls.session().getProtocol() + tls.applicationProtocol();
                            }
                        });
        Fiber<?> client =
                fibers.start(
                        "client",
                        () -> {
                            TlsOptions options =
                                    TlsOptions.client(
                                                    IDENTITY.keyless,
                                                    "localhost",
                                                    address.getPort())
                                            .parameters(
                                                    parameters ->
                                                            parameters.setApplicationProtocols(
                                                                    new String[] {"other", "echo"}))
                                            .build();
                            FiberTls.start(FiberSocket.connect(fibers, address), options).close();
                        });
        await(server, client);
        assertThat(server.join()).isEqualTo("TLSv1.2echo");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void refusesAnUntrustedServerAndTellsIt(FiberMode mode) throws Exception {
        open(mode);
        Fiber<?> server = fibers.start("server", () -> accept().close());
        Fiber<?> client =
                fibers.start(
                        "client",
                        () -> {
                            TlsOptions stranger =
                                    TlsOptions.client(
                                                    IDENTITY.stranger,
                                                    "localhost",
                                                    address.getPort())
                                            .build();
                            FiberSocket socket = FiberSocket.connect(fibers, address);
                            try {
                                FiberTls.start(socket, stranger);
                            } finally {
                                assertThat(socket.isOpen()).isFalse();
                            }
                        });
        fibers.run();
        failures.clear();
        assertThatThrownBy(client::join)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(SSLException.class);
        assertThatThrownBy(server::join).hasCauseInstanceOf(SSLException.class);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void endWithoutCloseNotifyFailsTheRead(FiberMode mode) throws Exception {
        open(mode);
        Fiber<?> server =
                fibers.start(
                        "server",
                        () -> {
                            try (FiberTls tls = accept()) {
                                tls.readFully(ByteBuffer.allocate(3));
                                tls.read(ByteBuffer.allocate(1));
                            }
                        });
        Fiber<?> client =
                fibers.start(
                        "client",
                        () -> {
                            FiberTls tls = connect();
                            tls.write(bytes("abc"));
                            tls.socket().shutdownOutput();
                            tls.socket().read(ByteBuffer.allocate(100_000));
                            tls.socket().close();
                        });
        fibers.run();
        client.join();
        failures.clear();
        assertThatThrownBy(server::join).hasCauseInstanceOf(SSLException.class);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void garbageAndHalfRecordsEndTheHandshake(FiberMode mode) throws Exception {
        open(mode);
        Fiber<?> garbage = fibers.start("server", () -> accept().close());
        fibers.start(
                "client",
                () -> {
                    try (FiberSocket socket = FiberSocket.connect(fibers, address)) {
                        socket.write(bytes("GET / HTTP/1.1\r\n\r\n"));
                        ByteBuffer alert = ByteBuffer.allocate(7);
                        socket.readFully(alert);
                        assertThat(alert.get(0)).isEqualTo((byte) 21);
                    }
                });
        fibers.run();
        failures.clear();
        assertThatThrownBy(garbage::join).hasCauseInstanceOf(SSLException.class);

        TlsOptions hasty =
                serverOptions(options -> options.handshakeTimeout(Duration.ofMillis(50)));
        Fiber<?> half =
                fibers.start("server", () -> FiberTls.start(listener.accept(), hasty).close());
        fibers.start(
                "client",
                () -> {
                    try (FiberSocket socket = FiberSocket.connect(fibers, address)) {
                        socket.write(ByteBuffer.wrap(new byte[] {22, 3, 1, 64, 0, 1}));
                        assertThat(socket.read(ByteBuffer.allocate(1))).isEqualTo(-1);
                    }
                });
        fibers.run();
        failures.clear();
        assertThatThrownBy(half::join).hasCauseInstanceOf(SocketTimeoutException.class);
        assertThat(loop.metrics().bufferedBytes()).isZero();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void interruptedHandshakeClosesTheConnection(FiberMode mode) throws Exception {
        open(mode);
        Fiber<?> client =
                fibers.start(
                        "client",
                        () -> {
                            FiberSocket socket = FiberSocket.connect(fibers, address);
                            Thread.currentThread().interrupt();
                            assertThatThrownBy(() -> startClient(socket))
                                    .isInstanceOf(InterruptedIOException.class)
                                    .hasMessageStartingWith("interrupted in ")
                                    .hasMessageNotContaining("open");
                            assertThat(socket.isOpen()).isFalse();
                        });
        await(client);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void interruptedWriteGoesOnWithoutLosingARecord(FiberMode mode) throws Exception {
        open(mode);
        listener.listener().setOption(StandardSocketOptions.SO_RCVBUF, 16_384);
        byte[] sent = random(1_000_000);
        Fiber<byte[]> server =
                fibers.start(
                        "server",
                        () -> {
                            try (FiberTls tls = accept()) {
                                fibers.sleep(Duration.ofMillis(50)); // the client waits meanwhile
                                return tls.inputStream().readAllBytes();
                            }
                        });
        Fiber<Integer> client =
                fibers.start(
                        "client",
                        () -> {
                            FiberSocket socket = FiberSocket.connect(fibers, address);
                            socket.channel().setOption(StandardSocketOptions.SO_SNDBUF, 16_384);
                            try (FiberTls tls = startClient(socket)) {
                                ByteBuffer source = ByteBuffer.wrap(sent);
                                int interrupts = 0;
                                while (source.hasRemaining()) {
                                    int before = source.position();
                                    try {
                                        fibers.callWithin(
                                                Duration.ofMillis(7), () -> tls.write(source));
                                    } catch (TimeoutException e) {
                                        interrupts++;
                                        InterruptedIOException cause =
                                                (InterruptedIOException) e.getCause();
                                        assertThat(source.position() - before)
                                                .isEqualTo(cause.bytesTransferred);
                                    }
                                }
                                tls.shutdownOutput();
                                assertThat(tls.read(ByteBuffer.allocate(1))).isEqualTo(-1);
                                return interrupts;
                            }
                        });
        await(server, client);
        assertThat(client.join()).isPositive();
        assertThat(server.join()).isEqualTo(sent);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void closeEndsAReadThatWaits(FiberMode mode) throws Exception {
        open(mode);
        Fiber<?> server =
                fibers.start(
                        "server",
                        () -> {
                            FiberTls tls = accept();
                            Fiber<?> reader = fibers.current();
                            fibers.start(
                                    "closer",
                                    () -> {
                                        while (reader.info().state()
                                                != FiberState.WAITING_FOR_DESCRIPTOR) {
                                            fibers.sleep(Duration.ofMillis(1));
                                        }
                                        tls.close();
                                        tls.close();
                                    });
                            tls.read(ByteBuffer.allocate(1));
                        });
        Fiber<Integer> client =
                fibers.start(
                        "client",
                        () -> {
                            try (FiberTls tls = connect()) {
                                int end = tls.read(ByteBuffer.allocate(1));
                                while (!server.isDone()) { // it would read the end of this one
                                    fibers.sleep(Duration.ofMillis(1));
                                }
                                return end;
                            }
                        });
        fibers.run();
        failures.clear();
        assertThat(client.join()).isEqualTo(-1);
        assertThatThrownBy(server::join).hasCauseInstanceOf(AsynchronousCloseException.class);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void closeOfTheLoopEndsAHandshakeThatWaitsForItsExecutor(FiberMode mode) throws Exception {
        open(mode);
        CountDownLatch asked = new CountDownLatch(1);
        TlsOptions options =
                serverOptions(builder -> builder.taskExecutor(task -> asked.countDown()));
        Fiber<?> server =
                fibers.start("server", () -> FiberTls.start(listener.accept(), options).close());
        fibers.start("client", () -> connect().close());
        loop.callEvery(
                Duration.ofMillis(1),
                () -> {
                    if (asked.getCount() == 0 && server.info().state() == FiberState.BLOCKED) {
                        loop.close();
                    }
                });
        fibers.run();
        server.thread().join();
        failures.clear();
        assertThatThrownBy(server::join).hasCauseInstanceOf(ClosedLoopException.class);
    }
}
