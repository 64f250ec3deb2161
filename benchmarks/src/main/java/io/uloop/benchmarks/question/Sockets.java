package io.uloop.benchmarks.question;

import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors of a benchmark, which are closed with it. Not thread-safe: call from the
 * benchmark's thread.
 */
final class Sockets implements AutoCloseable {
    private static final int BACKLOG = 16;

    final Descriptors descriptors;
    private final BitSet open = new BitSet();
    private @Nullable UnixDomainSocketAddress address;

    Sockets(Descriptors descriptors) {
        this.descriptors = descriptors;
    }

    /** Takes over a descriptor. */
    int opened(int fd) {
        open.set(fd);
        return fd;
    }

    int datagram(boolean ready) throws IOException {
        int fd = opened(descriptors.openDatagram(StandardProtocolFamily.INET));
        if (ready) {
            descriptors.bind(fd, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            SocketAddress self = Objects.requireNonNull(descriptors.localAddress(fd));
            descriptors.send(fd, ByteBuffer.allocateDirect(1), self);
        }
        return fd;
    }

    Pair pair() throws IOException {
        if (descriptors instanceof NativeDescriptors system) {
            NativeDescriptors.SocketPair pair = system.socketPair();
            return new Pair(opened(pair.first()), opened(pair.second()));
        }
        int listener = listener();
        try {
            return new Pair(connect(), accept(listener));
        } finally {
            close(listener);
            deleteAddress();
        }
    }

    int listener() throws IOException {
        address = UnixDomainSocketAddress.of(temporaryPath());
        int fd = opened(descriptors.openListener(StandardProtocolFamily.UNIX));
        descriptors.listen(fd, address, BACKLOG);
        return fd;
    }

    /** Returns a path for a unix-domain socket, in a new folder. */
    static Path temporaryPath() throws IOException {
        return Files.createTempDirectory("uloop-bench").resolve("socket");
    }

    int connect() throws IOException {
        int fd = opened(descriptors.openStream(StandardProtocolFamily.UNIX));
        if (!descriptors.connect(fd, Objects.requireNonNull(address))) {
            throw new IOException("a unix-domain socket did not connect at once");
        }
        return fd;
    }

    int accept(int listener) throws IOException {
        int fd = descriptors.accept(listener);
        if (fd == Descriptors.NONE) {
            throw new IOException("no connection is pending");
        }
        return opened(fd);
    }

    void close(int fd) throws IOException {
        open.clear(fd);
        descriptors.close(fd);
    }

    private void deleteAddress() throws IOException {
        if (address != null) {
            delete(address.getPath());
            address = null;
        }
    }

    /** Deletes a socket's file and its folder. */
    static void delete(Path path) throws IOException {
        Files.deleteIfExists(path);
        Files.deleteIfExists(Objects.requireNonNull(path.getParent()));
    }

    @Override
    public void close() throws IOException {
        for (int fd = open.nextSetBit(0); fd >= 0; fd = open.nextSetBit(fd + 1)) {
            close(fd);
        }
        deleteAddress();
    }
}
