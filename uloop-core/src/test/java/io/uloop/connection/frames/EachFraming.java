package io.uloop.connection.frames;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.EachBackend;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.connection.TlsIdentity;
import io.uloop.connection.TlsOptions;
import io.uloop.net.ByteStream;
import io.uloop.net.PipeChannel;
import io.uloop.net.TcpChannel;
import io.uloop.net.UnixChannel;
import io.uloop.poller.NativeDescriptors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** Fixture for a connection of frames whose peer sends and receives plain bytes. */
class EachFraming extends EachBackend {
    /** The streams that carry frames. */
    enum Stream {
        TCP,
        TLS,
        UNIX,
        /** Carries bytes to the framed side only. */
        PIPE
    }

    /** An action of a test inside a call. */
    @FunctionalInterface
    interface Action {
        void in(Connection connection, String frame) throws Exception;
    }

    /** Records frames and the other events. */
    static class Recorder implements FrameHandler {
        final List<String> frames = new ArrayList<>();
        Action action = (connection, frame) -> {};
        Connection connection;
        int inputClosed;
        int secured;
        boolean isClosed;
        Throwable cause;

        @Override
        public void opened(Connection by) {
            connection = by;
        }

        @Override
        public void frame(Connection by, ByteBuffer frame) throws Exception {
            assertThat(by).isSameAs(connection);
            assertThat(by.isOpen()).isTrue();
            assertThat(inputClosed).isZero();
            String text = latin(frame);
            frames.add(text);
            action.in(by, text);
        }

        @Override
        public void secured(Connection by) {
            secured++;
        }

        @Override
        public void inputClosed(Connection by) {
            inputClosed++;
            by.close();
        }

        @Override
        public void closed(Connection by, Throwable why) {
            assertThat(isClosed).isFalse();
            isClosed = true;
            cause = why;
        }
    }

    /** The other end. */
    static final class Peer implements ConnectionHandler {
        final StringBuilder received = new StringBuilder();
        Connection connection;
        int secured;
        boolean isClosed;

        @Override
        public void opened(Connection by) {
            connection = by;
        }

        @Override
        public void received(Connection by, ByteBuffer data) {
            received.append(latin(data));
        }

        @Override
        public void secured(Connection by) {
            secured++;
        }

        @Override
        public void closed(Connection by, Throwable cause) {
            isClosed = true;
        }
    }

    final Recorder framed = new Recorder();
    final Peer peer = new Peer();

    /** Opens a connection between {@link #framed} and {@link #peer}. */
    void open(Stream stream, Framing framing) throws IOException {
        open(stream, framing.handler(framed));
        runUntil(() -> framed.connection != null);
    }

    /** Opens a connection between a handler and {@link #peer}. */
    void open(Stream stream, ConnectionHandler handler) throws IOException {
        TlsIdentity identity = TlsIdentity.get();
        ByteStream ours;
        ByteStream theirs;
        if (stream == Stream.UNIX) {
            assumeTrue(io instanceof NativeDescriptors, "requires a native backend");
            UnixChannel.Pair pair = UnixChannel.pair(loop);
            ours = pair.first();
            theirs = pair.second();
        } else if (stream == Stream.PIPE) {
            PipeChannel.Ends ends = PipeChannel.open(loop);
            ours = ends.source();
            theirs = ends.sink();
        } else {
            TcpChannel[] ends = connection();
            ours = ends[0];
            theirs = ends[1];
        }
        boolean tls = stream == Stream.TLS;
        Connection.open(ours, options(tls ? TlsOptions.server(identity.context) : null), handler);
        Connection.open(
                theirs,
                options(tls ? TlsOptions.client(identity.context, "one.example", 443) : null),
                peer);
        runUntil(() -> peer.connection != null);
    }

    /** Opens a TCP connection between two handlers. */
    void open(ConnectionHandler first, ConnectionHandler second) throws IOException {
        TcpChannel[] ends = connection();
        Connection.open(ends[1], ConnectionOptions.DEFAULTS, second);
        Connection.open(ends[0], ConnectionOptions.DEFAULTS, first);
    }

    private static ConnectionOptions options(TlsOptions.Builder tls) {
        return tls == null
                ? ConnectionOptions.DEFAULTS
                : ConnectionOptions.builder().tls(tls.build()).build();
    }

    /** Sends bytes of the peer, one for each char, and lets the loop handle them. */
    void send(String bytes) throws IOException {
        peer.connection.write(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)));
        settle();
    }

    /** Runs the loop until it has nothing to do. */
    void settle() throws IOException {
        runUntil(() -> loop.runOnce(0) == 0);
    }

    /** Waits for a number of frames and checks that no others follow. */
    void assertFrames(String... frames) throws IOException {
        runUntil(() -> framed.frames.size() >= frames.length);
        settle();
        assertThat(framed.frames).containsExactly(frames);
    }

    /** Waits for the end of the connection and checks its cause. */
    void assertEndsBy(Class<? extends Throwable> type, String... words) throws IOException {
        runUntil(() -> framed.isClosed);
        assertThat(framed.cause).isExactlyInstanceOf(type).hasMessageContainingAll(words);
        assertThat(framed.inputClosed).isZero();
    }

    static String latin(ByteBuffer bytes) {
        return StandardCharsets.ISO_8859_1.decode(bytes).toString();
    }

    static ByteBuffer raw(String bytes) {
        return ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    @AfterEach
    void nothingIsLeftInTheLoop() throws IOException {
        for (Connection each : new Connection[] {framed.connection, peer.connection}) {
            if (each != null) {
                each.abort();
            }
        }
        // Also waits for a connection whose handler is another one.
        runUntil(() -> loop.metrics().bufferedBytes() == 0);
        runUntil(() -> framed.connection == null || framed.isClosed);
    }
}
