package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.INPUT_CLOSED;
import static io.uloop.connection.RecordingHandler.Call.RECEIVED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.net.StreamChannel;
import io.uloop.net.UnixListener;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections need few system calls and miss no events. */
class ConnectionCallsTest extends EachConnection {
    private static final int MESSAGES = 100;

    @TempDir private Path directory;
    private CountingBackend counting;

    /** The other end, whose calls are not counted. */
    private int peer = -1;

    @BeforeEach
    void countCalls() throws IOException {
        loop.close();
        counting = new CountingBackend(provider);
        loop = build(counting);
        io = provider.descriptors();
    }

    @AfterEach
    void closePeer() throws IOException {
        if (peer >= 0) {
            io.close(peer);
        }
    }

    private void openToPeer() throws IOException {
        InetSocketAddress address = serve(ConnectionOptions.DEFAULTS, () -> server);
        peer = io.openStream(loopbackFamily());
        io.connect(peer, address);
        runUntil(() -> server.isOpened() && io.finishConnect(peer));
        counting.reset();
    }

    private void openToUnixPeer() throws IOException {
        UnixDomainSocketAddress address =
                UnixDomainSocketAddress.of(directory.resolve("socket").toString());
        UnixListener listener = closing(UnixListener.open(loop, address));
        listener.register(Connection.acceptor(ConnectionOptions.DEFAULTS, () -> server));
        peer = io.openStream(StandardProtocolFamily.UNIX);
        io.connect(peer, address);
        runUntil(() -> server.isOpened() && io.finishConnect(peer));
        counting.reset();
    }

    private void receiveAll(String expected) throws IOException {
        runUntil(() -> server.received.length() == expected.length());
        assertThat(server.received).hasToString(expected);
    }

    private void exchange() throws IOException {
        server.on(RECEIVED, connection -> connection.write(bytes("y")));
        ByteBuffer answer = ByteBuffer.allocate(2);
        for (int i = 1; i <= MESSAGES; i++) {
            write(peer, "x");
            runUntil(() -> io.read(peer, answer.clear()) == 1);
        }
        assertThat(server.received).hasSize(MESSAGES);
        int[] turns = new int[1];
        runUntil(() -> turns[0]++ > 3);
        assertThat(counting.take("read")).isEqualTo(MESSAGES);
        assertThat(counting.take("write")).isEqualTo(MESSAGES);
        assertThat(counting.take("add") + counting.take("modify") + counting.take("remove"))
                .isZero();
    }

    @Test
    void messageAndAnswerTakeOneReadAndOneWrite() throws IOException {
        openToPeer();
        exchange();
    }

    @Test
    void messageAndAnswerOverUnixSocketTakeOneReadAndOneWrite() throws IOException {
        openToUnixPeer();
        exchange();
    }

    @Test
    void messageLargerThanTheBufferIsReadInFull() throws IOException {
        openToPeer();
        for (int bytes : new int[] {64 << 10, 150_000, 1 << 20}) {
            ByteBuffer message = ByteBuffer.allocateDirect(bytes);
            int before = server.received.length();
            runUntil(
                    () -> {
                        io.write(peer, message);
                        return server.received.length() == before + bytes;
                    });
        }
    }

    @Test
    void endOfStreamAfterLastBytesIsNoticed() throws IOException {
        server.on(INPUT_CLOSED, connection -> {});
        openToPeer();
        write(peer, "last");
        io.shutdownOutput(peer);
        runUntil(() -> server.has(INPUT_CLOSED));
        assertThat(server.received).hasToString("last");
    }

    @Test
    void endOfStreamBetweenEventAndReadIsNoticed() throws IOException {
        openToPeer();
        counting.beforeRead = this::endOnce;
        write(peer, "last");
        runUntil(() -> server.has(INPUT_CLOSED));
        assertThat(server.received).hasToString("last");
    }

    @Test
    void endOfStreamAfterTheReadIsNoticed() throws IOException {
        openToPeer();
        server.on(RECEIVED, connection -> endOnce());
        write(peer, "last");
        runUntil(() -> server.has(INPUT_CLOSED));
        assertThat(server.received).hasToString("last");
    }

    private void endOnce() {
        counting.beforeRead = () -> {};
        try {
            io.shutdownOutput(peer);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void bytesBetweenReadAndCallbackAreReceived() throws IOException {
        openToPeer();
        server.on(
                RECEIVED,
                connection -> {
                    if (server.received.length() < 50) {
                        write(peer, "x");
                    }
                });
        write(peer, "x");
        runUntil(() -> server.received.length() == 50);
    }

    @Test
    void resetBetweenEventAndReadIsNoticed() throws IOException {
        errorsReachTheirReader();
        openToPeer();
        counting.beforeRead = this::resetOnce;
        write(peer, "last");
        runUntil(server::isClosed);
        assertThat(server.cause)
                .isInstanceOfSatisfying(
                        PollerException.class,
                        e -> assertThat(e.errno()).isEqualTo(Errno.ECONNRESET));
    }

    private void resetOnce() {
        counting.beforeRead = () -> {};
        try {
            io.setOption(peer, StandardSocketOptions.SO_LINGER, 0);
            io.close(peer);
            peer = -1;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A read stops before an urgent byte. The next read starts after it. */
    @Test
    void bytesAfterUrgentByteAreReceived() throws IOException {
        InetSocketAddress address = serve(ConnectionOptions.DEFAULTS, () -> server);
        try (Socket urgent = new Socket(address.getAddress(), address.getPort())) {
            urgent.setTcpNoDelay(true);
            runUntil(server::isOpened);
            urgent.getOutputStream().write("abc".getBytes(StandardCharsets.US_ASCII));
            urgent.sendUrgentData('!');
            urgent.getOutputStream().write("def".getBytes(StandardCharsets.US_ASCII));
            receiveAll("abcdef");
            urgent.sendUrgentData('!');
            urgent.getOutputStream().write("ghi".getBytes(StandardCharsets.US_ASCII));
            receiveAll("abcdefghi");
        }
    }

    /** A read stops after a message with a passed descriptor, which is discarded. */
    @Test
    void bytesAfterPassedDescriptorAreReceived() throws IOException {
        openToUnixPeer();
        Descriptors.Pipe ends = pipe();
        assumeTrue(passes(ends.readEnd(), "abc"), "the backend passes no descriptors");
        write(peer, "def");
        receiveAll("abcdef");
        assertThat(passes(ends.readEnd(), "ghi") && passes(ends.writeEnd(), "jkl")).isTrue();
        io.shutdownOutput(peer);
        receiveAll("abcdefghijkl");
        runUntil(() -> server.has(INPUT_CLOSED));
    }

    private boolean passes(int fd, String text) throws IOException {
        return io instanceof NativeDescriptors all
                && all.sendDescriptors(peer, bytes(text), fd) == text.length();
    }

    /** One call is enough to learn how much the kernel takes. */
    @Test
    void partialWriteIsNotRetriedBeforeThereIsRoom() throws IOException {
        openToPeer();
        server.connection.write(ByteBuffer.allocateDirect(16 << 20));
        assertThat(counting.take("write")).isEqualTo(1);
        assertThat(server.connection.pendingBytes()).isPositive();
        boolean edges = (StreamChannel.interestOn(loop) & UEvent.EDGE) != 0;
        assertThat(counting.take("modify")).isEqualTo(edges ? 0 : 1);
        ByteBuffer target = ByteBuffer.allocateDirect(1 << 20);
        long[] total = new long[1];
        runUntil(
                () -> {
                    total[0] += io.read(peer, target.clear());
                    return total[0] == 16 << 20;
                });
        assertThat(server.connection.pendingBytes()).isZero();
    }
}
