package io.uloop.fiber;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.connection.TlsIdentity;
import io.uloop.connection.TlsOptions;
import io.uloop.net.UnixChannel;
import io.uloop.poller.NativeDescriptors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Fibers that use connections whose handlers run on the same thread. */
class FiberConnectionTest extends EachFiber {
    /** Answers nothing. */
    private static final ConnectionHandler SILENT = (connection, data) -> {};

    /** The JDK allocates the memory for a copy of the bytes in a monitor of all threads. */
    @EachMode(FiberMode.LOOP)
    void fiberAtAMonitorInsideAWriteLetsNobodySendBefore() throws Exception {
        assumeTrue(isNative(), "copies bytes for system calls");
        Object monitor = Class.forName("jdk.internal.ref.Cleaner");
        NativeDescriptors descriptors = nativeDescriptors();
        NativeDescriptors.SocketPair ends = descriptors.socketPair();
        ByteBuffer received = ByteBuffer.allocate(3);
        try (HeldMonitor held = new HeldMonitor(monitor)) {
            run(
                    () -> {
                        UnixChannel channel = UnixChannel.adopt(loop, ends.first());
                        Connection connection =
                                Connection.open(channel, ConnectionOptions.DEFAULTS, SILENT);
                        connection.write(ascii("x")); // so that this fiber has its memory
                        held.hold();
                        Fiber<?> writer =
                                fibers.start("writer", () -> connection.write(ascii("a")));
                        // Gives the loop's thread to the writer, however long that keeps it.
                        fibers.sleep(Duration.ofMillis(1));
                        connection.write(ascii("b"));
                        held.release();
                        writer.join();
                        while (received.hasRemaining()) {
                            descriptors.read(ends.second(), received);
                        }
                        connection.abort();
                    });
        }
        descriptors.close(ends.second());
        assertThat(new String(received.array(), US_ASCII)).isEqualTo("xab");
    }

    /** Otherwise its record would follow one with a higher number, which the peer rejects. */
    @EachMode(FiberMode.LOOP)
    void fiberAtAMonitorInsideATlsWriteLetsNobodySendBefore() throws Exception {
        assumeTrue(isNative(), "has memory for system calls");
        TlsIdentity identity = TlsIdentity.get();
        NativeDescriptors.SocketPair ends = nativeDescriptors().socketPair();
        Peer peer = new Peer();
        Peer own = new Peer();
        try (HeldMonitor held = new HeldMonitor(Class.forName("jdk.internal.ref.Cleaner"))) {
            run(
                    () -> {
                        Connection other =
                                open(ends.second(), TlsOptions.server(identity.context), peer);
                        Connection connection =
                                open(
                                        ends.first(),
                                        TlsOptions.client(identity.keyless, "localhost", 443),
                                        own);
                        await(() -> own.opened && peer.opened);
                        connection.write(ascii("x"));
                        held.hold();
                        Fiber<?> writer =
                                fibers.start("writer", () -> connection.write(ascii("a")));
                        // Gives the loop's thread to the writer, however long that keeps it.
                        fibers.sleep(Duration.ofMillis(1));
                        connection.write(ascii("b"));
                        held.release();
                        writer.join();
                        await(() -> peer.text.length() == 3 || !other.isOpen());
                        connection.abort();
                        other.abort();
                    });
        }
        assertThat(peer.text).hasToString("xab");
    }

    private Connection open(int fd, TlsOptions.Builder tls, ConnectionHandler handler)
            throws IOException {
        ConnectionOptions options = ConnectionOptions.builder().tls(tls.build()).build();
        return Connection.open(UnixChannel.adopt(loop, fd), options, handler);
    }

    /** Collects what it receives. */
    private static final class Peer implements ConnectionHandler {
        final StringBuilder text = new StringBuilder();
        boolean opened;

        @Override
        public void opened(Connection connection) {
            opened = true;
        }

        @Override
        public void received(Connection connection, ByteBuffer data) {
            text.append(US_ASCII.decode(data));
        }
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(US_ASCII));
    }
}
