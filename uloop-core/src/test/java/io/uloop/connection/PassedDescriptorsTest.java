package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.RECEIVED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.net.UnixChannel;
import io.uloop.net.UnixListener;
import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Descriptors are passed in order with the bytes of a unix-domain connection. */
class PassedDescriptorsTest extends EachTlsConnection {
    private static final int LARGE = 1 << 20;
    private static final ConnectionOptions RECEIVING =
            ConnectionOptions.builder().receiveDescriptors(8).build();

    @TempDir private Path directory;

    /** Keeps what it receives. */
    private final class Receiver extends RecordingHandler {
        final List<int[]> passed = new ArrayList<>();
        final List<Integer> places = new ArrayList<>();

        @Override
        public void receivedDescriptors(Connection by, int[] descriptors) throws IOException {
            passed.add(descriptors);
            places.add(received.length());
            for (int descriptor : descriptors) {
                PassedDescriptorsTest.this.track(descriptor);
            }
        }
    }

    private Receiver receiver;

    /** Opens a connection whose server receives descriptors. */
    private void openPair(ConnectionOptions serverOptions) throws IOException {
        assumeTrue(io instanceof NativeDescriptors, "requires a native backend");
        receiver = new Receiver();
        server = receiver;
        UnixChannel.Pair pair = UnixChannel.pair(loop);
        Connection.open(pair.first(), ConnectionOptions.DEFAULTS, client);
        Connection.open(pair.second(), serverOptions, server);
    }

    /** Writes to a passed write end, and checks what arrives at the read end of its pipe. */
    private void assertIsWriteEndOf(Descriptors.Pipe pipe, int passed) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(10);
        io.write(passed, bytes("x"));
        runUntil(() -> io.read(pipe.readEnd(), target.clear()) == 1);
    }

    @Test
    void descriptorArrivesBeforeItsBytes() throws IOException {
        openPair(RECEIVING);
        Descriptors.Pipe pipe = pipe();
        assertThat(client.connection.sendDescriptors(bytes("take this"), pipe.writeEnd())).isTrue();
        runUntil(() -> server.received.toString().equals("take this"));
        assertThat(receiver.passed).hasSize(1);
        assertThat(receiver.places).containsExactly(0);
        assertThat(receiver.passed.get(0)).hasSize(1);
        assertIsWriteEndOf(pipe, receiver.passed.get(0)[0]);
    }

    @Test
    void severalDescriptorsKeepTheirOrder() throws IOException {
        openPair(RECEIVING);
        Descriptors.Pipe one = pipe();
        Descriptors.Pipe two = pipe();
        client.connection.sendDescriptors(bytes("1"), one.writeEnd(), two.writeEnd());
        client.connection.sendDescriptors(bytes("2"), two.writeEnd());
        runUntil(() -> server.received.length() == 2);
        assertThat(receiver.passed).hasSize(2);
        assertIsWriteEndOf(one, receiver.passed.get(0)[0]);
        assertIsWriteEndOf(two, receiver.passed.get(0)[1]);
        assertIsWriteEndOf(two, receiver.passed.get(1)[0]);
    }

    @Test
    void queuedDescriptorsStayInOrderWithTheBytes() throws IOException {
        openPair(RECEIVING);
        server.connection.pauseReading();
        List<Descriptors.Pipe> pipes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            client.connection.write(ByteBuffer.allocate(LARGE));
            Descriptors.Pipe pipe = pipe();
            pipes.add(pipe);
            int passed = NativeDescriptors.of(provider).dup(pipe.writeEnd());
            client.connection.sendDescriptors(ByteBuffer.allocate(LARGE), passed);
            io.close(passed); // the connection has its own
        }
        assertThat(client.connection.pendingBytes()).isGreaterThan(LARGE);
        server.connection.resumeReading();
        runUntil(() -> server.received.length() == 8 * LARGE);
        assertThat(receiver.passed).hasSize(4);
        for (int i = 0; i < 4; i++) {
            int start = (2 * i + 1) * LARGE;
            assertThat(receiver.places.get(i)).isBetween(start - (64 << 10), start);
            assertIsWriteEndOf(pipes.get(i), receiver.passed.get(i)[0]);
        }
    }

    @Test
    void abortClosesQueuedDescriptors() throws IOException {
        openPair(RECEIVING);
        server.connection.pauseReading();
        Descriptors.Pipe pipe = pipe();
        client.connection.write(ByteBuffer.allocate(LARGE));
        client.connection.sendDescriptors(bytes("x"), pipe.writeEnd());
        client.connection.abort();
        runUntil(client::isClosed);
        close(pipe.writeEnd());
        assertThat(io.read(pipe.readEnd(), ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @Test
    void descriptorsThatAreNotWantedAreClosed() throws IOException {
        openPair(ConnectionOptions.DEFAULTS);
        Descriptors.Pipe pipe = pipe();
        client.connection.sendDescriptors(bytes("take this"), pipe.writeEnd());
        runUntil(() -> server.received.toString().equals("take this"));
        assertThat(receiver.passed).isEmpty();
        close(pipe.writeEnd());
        assertThat(io.read(pipe.readEnd(), ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @Test
    void defaultHandlerClosesThem() throws IOException {
        assumeTrue(io instanceof NativeDescriptors, "requires a native backend");
        UnixChannel.Pair pair = UnixChannel.pair(loop);
        Connection.open(pair.first(), ConnectionOptions.DEFAULTS, client);
        Connection.open(pair.second(), RECEIVING, server);
        Descriptors.Pipe pipe = pipe();
        client.connection.sendDescriptors(bytes("take this"), pipe.writeEnd());
        runUntil(() -> server.received.toString().equals("take this"));
        close(pipe.writeEnd());
        assertThat(io.read(pipe.readEnd(), ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @Test
    void descriptorsThatArriveWhileClosingAreClosed() throws IOException {
        openPair(RECEIVING);
        client.on(RecordingHandler.Call.INPUT_CLOSED, by -> {});
        server.connection.close();
        Descriptors.Pipe pipe = pipe();
        client.connection.sendDescriptors(bytes("too late"), pipe.writeEnd());
        client.connection.close();
        runUntilBothClosed();
        assertThat(receiver.passed).isEmpty();
        close(pipe.writeEnd());
        assertThat(io.read(pipe.readEnd(), ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @Test
    void descriptorsThatArriveDuringAHandshakeAreClosed() throws IOException {
        openPair(
                ConnectionOptions.builder().receiveDescriptors(8).tls(serverTls().build()).build());
        Descriptors.Pipe pipe = pipe();
        client.connection.sendDescriptors(bytes("no TLS"), pipe.writeEnd());
        runUntil(server::isOver);
        assertThat(receiver.passed).isEmpty();
        close(pipe.writeEnd());
        assertThat(io.read(pipe.readEnd(), ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @Test
    void moreDescriptorsThanAllowedResetTheConnection() throws IOException {
        openPair(ConnectionOptions.builder().receiveDescriptors(1).build());
        Descriptors.Pipe pipe = pipe();
        client.connection.sendDescriptors(bytes("x"), pipe.writeEnd(), pipe.writeEnd());
        runUntil(server::isClosed);
        assertThat(server.cause).isInstanceOf(IOException.class).hasMessageContaining("EMSGSIZE");
        assertThat(receiver.passed).isEmpty();
        close(pipe.writeEnd());
        assertThat(io.read(pipe.readEnd(), ByteBuffer.allocate(1))).isEqualTo(-1);
        runUntil(client::isClosed);
    }

    @Test
    void handlerThatAbortsGetsNoBytes() throws IOException {
        assumeTrue(io instanceof NativeDescriptors, "requires a native backend");
        server =
                new RecordingHandler() {
                    @Override
                    public void receivedDescriptors(Connection by, int[] descriptors)
                            throws IOException {
                        io.close(descriptors[0]);
                        by.abort();
                    }
                };
        UnixChannel.Pair pair = UnixChannel.pair(loop);
        RecordingHandler other = new RecordingHandler();
        Connection.open(pair.first(), ConnectionOptions.DEFAULTS, other);
        Connection.open(pair.second(), RECEIVING, server);
        Descriptors.Pipe pipe = pipe();
        other.connection.sendDescriptors(bytes("x"), pipe.writeEnd());
        runUntil(() -> server.isClosed() && other.isClosed());
        assertThat(server.has(RECEIVED)).isFalse();
    }

    @Test
    void closedOutputDropsThem() throws IOException {
        openPair(RECEIVING);
        Descriptors.Pipe pipe = pipe();
        client.connection.shutdownOutput();
        assertThat(client.connection.sendDescriptors(bytes("x"), pipe.writeEnd())).isFalse();
    }

    @Test
    void closedDescriptorResetsTheConnection() throws IOException {
        openPair(RECEIVING);
        Descriptors.Pipe pipe = pipe();
        int number = pipe.writeEnd();
        close(number);
        client.connection.sendDescriptors(bytes("x"), number);
        runUntilBothClosed();
        assertThat(client.cause).hasMessageContaining("EBADF");
    }

    @Test
    void otherStreamsCannotPassDescriptors() throws IOException {
        open();
        assertThatThrownBy(() -> client.connection.sendDescriptors(bytes("x"), 0))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("needs a unix-domain socket without TLS");
        assertThatThrownBy(() -> client.connection.sendDescriptors(bytes("x")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> client.connection.sendDescriptors(bytes(""), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("with 0 bytes");
        assertThatThrownBy(() -> ConnectionOptions.builder().receiveDescriptors(254))
                .isInstanceOf(IllegalArgumentException.class);
        client.connection.close();
        runUntilBothClosed();
    }

    @Test
    void selectCannotReceiveThem() throws IOException {
        assumeTrue(!(io instanceof NativeDescriptors), "native backends can");
        UnixDomainSocketAddress address =
                UnixDomainSocketAddress.of(directory.resolve("socket").toString());
        UnixListener listener = closing(UnixListener.open(loop, address));
        UnixChannel channel = UnixChannel.connect(loop, listener.getLocalAddress());
        assertThatThrownBy(() -> Connection.open(channel, RECEIVING, client))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(channel.isOpen()).isFalse();
    }
}
