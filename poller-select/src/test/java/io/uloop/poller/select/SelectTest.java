package io.uloop.poller.select;

import static io.uloop.poller.tck.Waiting.until;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.tck.Ends;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The base class of this backend's tests. Each test has its own descriptors, which are closed after
 * it.
 */
@ExtendWith(NoDescriptorLeak.class)
@Timeout(300)
abstract class SelectTest {
    static final StandardProtocolFamily INET = StandardProtocolFamily.INET;
    static final StandardProtocolFamily INET6 = StandardProtocolFamily.INET6;
    static final StandardProtocolFamily UNIX = StandardProtocolFamily.UNIX;
    static final InetSocketAddress IPV4 = loopback(new byte[] {127, 0, 0, 1});
    static final InetSocketAddress IPV6 =
            loopback(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

    final SelectDescriptors io = new SelectDescriptors();
    private final List<Integer> open = new ArrayList<>();
    private final List<AutoCloseable> closeables = new ArrayList<>();

    private static InetSocketAddress loopback(byte[] address) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), 0);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @AfterEach
    void closeAll() throws Exception {
        for (int fd : open) {
            io.close(fd);
        }
        for (AutoCloseable closeable : closeables) {
            closeable.close();
        }
    }

    /** Closes a descriptor after the test. */
    int track(int fd) {
        assertThat(fd).isNotNegative();
        open.add(fd);
        return fd;
    }

    /** Closes a resource after the test, and after the descriptors. */
    <T extends AutoCloseable> T closing(T closeable) {
        closeables.add(closeable);
        return closeable;
    }

    /** Closes a tracked descriptor now. */
    void close(int fd) throws IOException {
        assertThat(open.remove(Integer.valueOf(fd))).isTrue();
        io.close(fd);
    }

    SelectPoller poller() throws IOException {
        return closing((SelectPoller) io.openPoller());
    }

    int[] pipe() throws IOException {
        int[] ends = Ends.of(io.pipe());
        track(ends[0]);
        track(ends[1]);
        return ends;
    }

    int listener(SocketAddress local, int backlog) throws IOException {
        int fd =
                track(
                        io.openListener(
                                local instanceof InetSocketAddress inet
                                        ? inet.equals(IPV6) ? INET6 : INET
                                        : UNIX));
        io.listen(fd, local, backlog);
        return fd;
    }

    /** Returns a client whose connect to a listener has been started but not finished. */
    int connecting(int listener) throws IOException {
        int client = track(io.openStream(INET));
        io.connect(client, address(listener));
        return client;
    }

    /** Returns an address that refuses connections and that no other socket can get meanwhile. */
    SocketAddress refusing() throws IOException {
        int deaf = track(io.openStream(INET));
        io.bind(deaf, IPV4);
        return address(deaf);
    }

    void connect(int client, SocketAddress remote) throws IOException {
        if (!io.connect(client, remote)) {
            until(() -> io.finishConnect(client));
        }
    }

    /** Returns a connected client and server. */
    int[] tcp() throws IOException {
        int listener = listener(IPV4, 16);
        int client = track(io.openStream(INET));
        connect(client, address(listener));
        int server = accept(listener);
        close(listener);
        return new int[] {client, server};
    }

    int boundDatagram() throws IOException {
        int fd = track(io.openDatagram(INET));
        io.bind(fd, IPV4);
        return fd;
    }

    SocketAddress address(int fd) throws IOException {
        return Objects.requireNonNull(io.localAddress(fd));
    }

    int accept(int listener) throws IOException {
        return track(until(() -> io.accept(listener), fd -> fd != Descriptors.NONE));
    }

    void write(int fd, String text) throws IOException {
        assertThat(io.write(fd, ByteBuffer.wrap(text.getBytes(US_ASCII)))).isEqualTo(text.length());
    }

    /** Reads until the given number of bytes or end of stream. */
    String read(int fd, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        until(() -> io.read(fd, bytes) < 0 || !bytes.hasRemaining());
        return US_ASCII.decode(bytes.flip()).toString();
    }

    int read(int fd) throws IOException {
        return io.read(fd, ByteBuffer.allocate(1));
    }

    static PollerException assertFails(Errno errno, ThrowingCallable call) {
        PollerException failure = catchThrowableOfType(PollerException.class, call);
        assertThat(failure).as("failure with " + errno).isNotNull();
        assertThat(failure.errno()).as(failure.getMessage()).isEqualTo(errno);
        return failure;
    }
}
