package io.uloop.fiber;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.net.UdpChannel;
import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.tck.ForwardingProvider;
import io.uloop.poller.tck.Interceptor;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.UnsupportedAddressTypeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;

class FiberSocketTest extends EachFiber {
    private static final int MANY_BYTES = 64 << 20;

    private void echo(Family family) throws Exception {
        FiberListener listener = listener(family);
        fibers.start(
                "listener",
                () -> {
                    for (int i = 0; i < 20; i++) {
                        FiberSocket socket = listener.accept();
                        fibers.start("server", () -> answer(socket));
                    }
                    listener.close();
                });
        List<String> answers = new ArrayList<>();
        List<Fiber<String>> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String name = "client " + i;
            clients.add(fibers.start(name, () -> ask(listener, name)));
        }
        run(
                () -> {
                    for (Fiber<String> client : clients) {
                        answers.add(client.join());
                    }
                });
        assertThat(answers).hasSize(20);
        for (int i = 0; i < 20; i++) {
            assertThat(answers.get(i)).isEqualTo("client " + i);
        }
        assertThat(loop.toString()).contains("descriptors=0");
        assertThat(fibers.metrics().live()).isZero();
    }

    private static void answer(FiberSocket socket) throws Exception {
        try (socket) {
            ByteBuffer bytes = ByteBuffer.allocate(64);
            while (socket.read(bytes.clear()) >= 0) {
                socket.write(bytes.flip());
            }
        }
    }

    private String ask(FiberListener listener, String text) throws Exception {
        try (FiberSocket socket = FiberSocket.connect(fibers, listener.getLocalAddress())) {
            ByteBuffer answer = ByteBuffer.allocate(text.length());
            for (int i = 0; i < 50; i++) {
                assertThat(socket.write(bytes(text))).isEqualTo(text.length());
                socket.readFully(answer.clear());
            }
            socket.shutdownOutput();
            assertThat(socket.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            return text(answer);
        }
    }

    @EachMode
    void twentyTcpClientsAreEchoed() throws Exception {
        echo(Family.TCP);
    }

    @EachMode
    void twentyUnixClientsAreEchoed() throws Exception {
        echo(Family.UNIX);
    }

    /** This can happen if nothing listens on a port of the ephemeral range. */
    @EachMode
    void selfConnectIsRefused() throws Exception {
        SocketAddress nobody;
        try (TcpChannel last = TcpChannel.open(loop, loopbackFamily())) {
            nobody = last.bind(anyPort()).getLocalAddress();
        }
        loop.close();
        Descriptors io = provider.descriptors();
        Interceptor binding =
                call -> {
                    if (call.name().equals("connect")) {
                        io.bind(call.number(0), nobody);
                    }
                    return call.proceed();
                };
        Descriptors binder = binding.before(Descriptors.class, io);
        loop =
                build(
                        new ForwardingProvider(provider) {
                            @Override
                            public Descriptors descriptors() {
                                return binder;
                            }
                        });
        openFibers();
        run(
                () ->
                        assertThatThrownBy(() -> FiberSocket.connect(fibers, nobody))
                                .isInstanceOf(PollerException.class)
                                .hasMessageContaining("ECONNREFUSED"));
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @EachMode
    void largeTransferArrivesUnchanged() throws Exception {
        run(() -> assertThat(transfer(pair(), false)).isEqualTo(MANY_BYTES));
    }

    @EachMode
    void unixTransferToSlowReaderArrivesUnchanged() throws Exception {
        run(() -> assertThat(transfer(pair(Family.UNIX), true)).isPositive());
    }

    /** Sends pseudo-random bytes and compares checksums. Returns how many bytes arrived. */
    private long transfer(Pair pair, boolean slowly) throws Exception {
        int total = slowly ? 4 << 20 : MANY_BYTES;
        Fiber<Long> writer =
                fibers.start(
                        "writer",
                        () -> {
                            CRC32 sum = new CRC32();
                            Random random = new Random(1);
                            ByteBuffer block = ByteBuffer.allocate(1 << 20);
                            random.nextBytes(block.array());
                            for (int left = total; left > 0; left -= block.capacity()) {
                                block.putInt(0, left);
                                sum.update(block.clear());
                                assertThat(pair.client().write(block.clear()))
                                        .isEqualTo(block.capacity());
                            }
                            pair.client().shutdownOutput();
                            return sum.getValue();
                        });
        CRC32 sum = new CRC32();
        long arrived = 0;
        ByteBuffer block = ByteBuffer.allocateDirect(slowly ? 50_000 : 1 << 18);
        while (pair.server().read(block.clear()) >= 0) {
            arrived += block.position();
            sum.update(block.flip());
            if (slowly) {
                fibers.sleep(Duration.ofMillis(1));
            }
        }
        assertThat(arrived).isEqualTo(total);
        assertThat(sum.getValue()).isEqualTo(writer.join());
        return arrived;
    }

    @EachMode
    void bothDirectionsAreUsedAtTheSameTime() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    byte[] sent = random(7, 1 << 20);
                    for (FiberSocket each : List.of(pair.client(), pair.server())) {
                        fibers.start("writer", () -> each.write(ByteBuffer.wrap(sent)));
                    }
                    for (FiberSocket each : List.of(pair.client(), pair.server())) {
                        ByteBuffer target = ByteBuffer.allocate(sent.length);
                        each.readFully(target);
                        assertThat(target.array()).isEqualTo(sent);
                    }
                });
    }

    @EachMode
    void readReturnsWhatIsThereAndTheRestLater() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    pair.client().write(bytes("hello"));
                    ByteBuffer target = ByteBuffer.allocate(3);
                    assertThat(pair.server().read(target)).isEqualTo(3);
                    assertThat(text(target)).isEqualTo("hel");
                    assertThat(pair.server().read(target)).isZero();
                    assertThat(pair.server().read(target.clear())).isEqualTo(2);
                    assertThat(text(target)).isEqualTo("lo");
                });
    }

    @EachMode
    void readFullyTellsWhatIsMissingAtTheEnd() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    pair.client().write(bytes("abc"));
                    pair.client().close();
                    ByteBuffer target = ByteBuffer.allocate(5);
                    assertThatExceptionOfType(EOFException.class)
                            .isThrownBy(() -> pair.server().readFully(target))
                            .withMessageContaining("after 3 bytes")
                            .withMessageContaining("2 bytes too early");
                    assertThat(text(target)).isEqualTo("abc");
                });
    }

    @EachMode
    void readOnlyTargetLosesNothing() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    pair.client().write(bytes("abc"));
                    ByteBuffer readOnly = ByteBuffer.allocate(3).asReadOnlyBuffer();
                    assertThatIllegalArgumentException()
                            .isThrownBy(() -> pair.server().read(readOnly));
                    ByteBuffer target = ByteBuffer.allocate(3);
                    pair.server().readFully(target);
                    assertThat(text(target)).isEqualTo("abc");
                });
    }

    @EachMode
    void streamsCarryTextAndEndWithTheSocket() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    fibers.start(
                            "writer",
                            () -> {
                                try (OutputStream out = pair.client().outputStream()) {
                                    for (String line : List.of("one\n", "tw", "o\nthree")) {
                                        out.write(line.getBytes(UTF_8));
                                        fibers.sleep(Duration.ofMillis(1));
                                    }
                                    out.write('!');
                                }
                            });
                    BufferedReader reader =
                            new BufferedReader(
                                    new InputStreamReader(pair.server().inputStream(), UTF_8));
                    assertThat(reader.lines().toList()).containsExactly("one", "two", "three!");
                    reader.close();
                    assertThat(pair.server().isOpen()).isFalse();
                    assertThat(pair.client().isOpen()).isFalse();
                });
    }

    @EachMode
    void dataStreamsCarryNumbers() throws Exception {
        run(
                () -> {
                    Pair pair = pair(Family.UNIX);
                    fibers.start(
                            "writer",
                            () -> {
                                DataOutputStream out =
                                        new DataOutputStream(pair.client().outputStream());
                                for (int i = 0; i < 300; i++) {
                                    out.writeLong(i * 1_000_000_007L);
                                }
                            });
                    DataInputStream in = new DataInputStream(pair.server().inputStream());
                    for (int i = 0; i < 300; i++) {
                        assertThat(in.readLong()).isEqualTo(i * 1_000_000_007L);
                    }
                });
    }

    @EachMode
    void singleByteReadsTellBytesFromTheEnd() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    pair.client().outputStream().write(0xFF);
                    pair.client().close();
                    InputStream in = pair.server().inputStream();
                    assertThat(in.read()).isEqualTo(0xFF);
                    assertThat(in.read()).isEqualTo(-1);
                    assertThat(in.read(new byte[0])).isZero();
                });
    }

    @EachMode
    void refusedConnectFailsAndLeavesNothingOpen() throws Exception {
        var refusing = refusing();
        run(
                () ->
                        assertThatThrownBy(() -> FiberSocket.connect(fibers, refusing))
                                .hasMessageContaining("ECONNREFUSED"));
    }

    @EachMode
    void missingUnixListenerFailsTheConnect() throws Exception {
        var missing = UnixDomainSocketAddress.of(directory().resolve("missing"));
        run(
                () ->
                        assertThatThrownBy(() -> FiberSocket.connect(fibers, missing))
                                .isInstanceOf(java.io.IOException.class));
        assertThatThrownBy(() -> FiberListener.open(fibers, new java.net.SocketAddress() {}))
                .isInstanceOf(UnsupportedAddressTypeException.class);
    }

    @EachMode
    void resetConnectionFailsTheRead() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    pair.client().channel().setOption(java.net.StandardSocketOptions.SO_LINGER, 0);
                    Fiber<?> reader =
                            fibers.start(
                                    "reader",
                                    () ->
                                            assertThatThrownBy(
                                                            () ->
                                                                    pair.server()
                                                                            .read(
                                                                                    ByteBuffer
                                                                                            .allocate(
                                                                                                    1)))
                                                    .isInstanceOf(java.io.IOException.class));
                    awaitState(reader, FiberState.WAITING_FOR_DESCRIPTOR);
                    pair.client().close();
                    reader.join();
                });
    }

    @EachMode
    void shutdownInputEndsAWaitingRead() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    Fiber<Integer> reader =
                            fibers.start(
                                    "reader", () -> pair.server().read(ByteBuffer.allocate(1)));
                    awaitState(reader, FiberState.WAITING_FOR_DESCRIPTOR);
                    pair.server().shutdownInput();
                    assertThat(reader.join()).isEqualTo(-1);
                });
    }

    @EachMode
    void manyFibersAcceptFromOneListener() throws Exception {
        run(
                () -> {
                    FiberListener listener = listener(Family.TCP);
                    List<Fiber<FiberSocket>> acceptors = new ArrayList<>();
                    for (int i = 0; i < 10; i++) {
                        acceptors.add(fibers.start("acceptor", listener::accept));
                    }
                    for (int i = 0; i < 10; i++) {
                        FiberSocket.connect(fibers, listener.getLocalAddress()).close();
                    }
                    for (Fiber<FiberSocket> acceptor : acceptors) {
                        acceptor.join().close();
                    }
                });
    }

    @EachMode
    void channelsOfAnotherLoopAreRefused() throws Exception {
        var other = build(provider);
        TcpListener listener = closing(TcpListener.open(other, anyPort()));
        UdpChannel datagrams = closing(UdpChannel.open(other, anyPort()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FiberListener.of(fibers, listener))
                .withMessageContaining("another loop");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FiberDatagramSocket.of(fibers, datagrams))
                .withMessageContaining("another loop");
        assertThat(listener.isOpen()).isTrue();
    }

    @EachMode
    void listenerOfTheLoopIsTakenOver() throws Exception {
        run(
                () -> {
                    TcpListener own = TcpListener.open(loop, anyPort());
                    FiberListener listener = closing(FiberListener.of(fibers, own));
                    FiberSocket client =
                            closing(FiberSocket.connect(fibers, listener.getLocalAddress()));
                    FiberSocket server = closing(listener.accept());
                    server.write(bytes("x"));
                    assertThat(client.read(ByteBuffer.allocate(9))).isEqualTo(1);
                    assertThat(listener.listener()).isSameAs(own);
                    assertThat(client.toString()).startsWith("FiberSocket[fd=" + client.fd());
                });
    }

    @EachMode
    void operationsInACallbackAreRefused() throws Exception {
        Pair[] pair = new Pair[1];
        run(() -> pair[0] = pair());
        List<String> messages = new ArrayList<>();
        loop.execute(
                () -> {
                    for (FiberTask each :
                            List.<FiberTask>of(
                                    () -> pair[0].client().read(ByteBuffer.allocate(1)),
                                    () -> pair[0].client().write(bytes("x")),
                                    () -> fibers.sleep(Duration.ofMillis(1)),
                                    () -> FiberSocket.connect(fibers, anyPort()))) {
                        try {
                            each.run();
                        } catch (Exception e) {
                            messages.add(e.getMessage());
                        }
                    }
                });
        loop.runOnce(0);
        assertThat(messages).hasSize(4).allMatch(each -> each.contains("start a fiber for it"));
    }
}
