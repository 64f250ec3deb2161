package io.uloop.poller.tck.fuzz;

import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.Ends;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A backend under test, with resources shared by its scripts: listeners to create connected pairs,
 * and a control poller of the same backend. The control poller has a single new level-triggered
 * registration at a time. It detects arrivals independently of the poller under test.
 */
final class Subject implements AutoCloseable {
    static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Small, so that filling is quick, but large enough that TCP does not wait for its timers. */
    private static final int BUFFER_BYTES = 64 * 1024;

    final PollerProvider provider;
    final Descriptors io;
    final Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    final boolean hasDup;

    /** Whether a connected socket can send an empty datagram itself. */
    final boolean sendsEmpty;

    /** Whether another poller can watch those of this backend. */
    final boolean nests;

    /** An address that a socket without SO_BROADCAST cannot connect to. */
    final SocketAddress broadcast = address(9, 255, 255, 255, 255);

    /** The time limit of a poll that must return at once; long, as machines may stall. */
    long longNanos = TimeUnit.SECONDS.toNanos(5);

    private final Poller control;
    private final Path directory;
    private final SocketAddress unixAddress;
    private int tcpListener = Descriptors.NONE;
    private int unixListener = Descriptors.NONE;
    private int seen;

    Subject(PollerProvider provider) throws IOException {
        this.provider = provider;
        this.io = provider.descriptors();
        this.directory = Files.createTempDirectory("uloop-fuzz");
        this.unixAddress = UnixDomainSocketAddress.of(directory.resolve("socket"));
        Files.createFile(directory.resolve("file"));
        this.control = provider.open();
        for (Kind kind : Kind.values()) {
            try {
                for (int fd : open(kind)) {
                    io.close(fd);
                }
                kinds.add(kind);
            } catch (UnsupportedOperationException e) {
                // scripts for this backend do not use it
            }
        }
        this.hasDup = canDup();
        this.nests = canNest();
        this.sendsEmpty = kinds.contains(Kind.UDP) && canSendEmpty();
    }

    /** Throws UnsupportedOperationException on a backend without native operations. */
    NativeDescriptors nativeIo() {
        return NativeDescriptors.of(provider);
    }

    private boolean canNest() throws IOException {
        try (Poller nested = provider.open()) {
            int fd = nested.fd();
            control.add(fd, UEvent.IN);
            control.remove(fd);
            return true;
        } catch (UnsupportedOperationException e) {
            return false;
        }
    }

    private boolean canDup() throws IOException {
        int[] ends = open(Kind.PIPE);
        try {
            io.close(nativeIo().dup(ends[0]));
            return true;
        } catch (UnsupportedOperationException e) {
            return false;
        } finally {
            io.close(ends[0]);
            io.close(ends[1]);
        }
    }

    /** Opens a file and returns its descriptors in the order given by its kind. */
    int[] open(Kind kind) throws IOException {
        return switch (kind) {
            case PIPE -> Ends.of(io.pipe());
            case UNIX -> unixPair();
            case TCP -> tcpPair();
            case UDP -> datagramPair();
            case PTY -> Ends.of(nativeIo().pty());
            case EVENTFD -> new int[] {nativeIo().eventfd(0)};
            case LISTENER -> new int[] {listener()};
            case FILE ->
                    new int[] {nativeIo().open(directory.resolve("file"), StandardOpenOption.READ)};
        };
    }

    private int listener() throws IOException {
        int fd = io.openListener(StandardProtocolFamily.INET);
        io.setOption(fd, StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
        io.listen(fd, loopback(), 64);
        return fd;
    }

    private static InetSocketAddress loopback() throws IOException {
        return address(0, 127, 0, 0, 1);
    }

    private static InetSocketAddress address(int port, int... ip) throws IOException {
        byte[] bytes = new byte[ip.length];
        for (int i = 0; i < ip.length; i++) {
            bytes[i] = (byte) ip[i];
        }
        return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    }

    private int[] unixPair() throws IOException {
        if (unixListener == Descriptors.NONE) {
            unixListener = io.openListener(StandardProtocolFamily.UNIX);
            io.listen(unixListener, unixAddress, 64);
        }
        int client = io.openStream(StandardProtocolFamily.UNIX);
        connect(client, unixAddress);
        return new int[] {client, accept(unixListener)};
    }

    private int[] tcpPair() throws IOException {
        if (tcpListener == Descriptors.NONE) {
            tcpListener = listener();
        }
        int client = connectTo(tcpListener);
        int server = accept(tcpListener);
        return new int[] {client, server};
    }

    /** Opens a TCP socket connected to a listener. */
    int connectTo(int listener) throws IOException {
        int client = io.openStream(StandardProtocolFamily.INET);
        io.setOption(client, StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
        prepare(client);
        connect(client, localAddress(listener));
        return client;
    }

    /** Accepts a connection that is known to be in the backlog. */
    int accept(int listener) throws IOException {
        int connection = io.accept(listener);
        if (connection == Descriptors.NONE) {
            await(listener, UEvent.IN);
            connection = io.accept(listener);
        }
        if (connection == Descriptors.NONE) {
            throw new Divergence("R3", "a listener reported IN, but accept would block");
        }
        if (listener != unixListener) {
            prepare(connection);
        }
        return connection;
    }

    private void prepare(int fd) throws IOException {
        io.setOption(fd, StandardSocketOptions.SO_SNDBUF, BUFFER_BYTES);
        io.setOption(fd, StandardSocketOptions.TCP_NODELAY, true);
    }

    private void connect(int fd, SocketAddress address) throws IOException {
        if (!io.connect(fd, address)) {
            await(fd, UEvent.OUT);
            if (!io.finishConnect(fd)) {
                throw new Divergence(
                        "R3", "a connecting socket reported OUT, but is not connected");
            }
        }
    }

    private int[] datagramPair() throws IOException {
        int[] fds = new int[2];
        for (int i = 0; i < 2; i++) {
            fds[i] = io.openDatagram(StandardProtocolFamily.INET);
            io.bind(fds[i], loopback());
        }
        for (int i = 0; i < 2; i++) {
            io.connect(fds[i], localAddress(fds[1 - i]));
        }
        return fds;
    }

    /**
     * Returns whether a connected socket can send an empty datagram. NIO drops it. macOS and the
     * BSDs reject the address with EISCONN.
     */
    private boolean canSendEmpty() throws IOException {
        int[] fds = datagramPair();
        ByteBuffer buffer = ByteBuffer.allocate(1);
        try {
            io.send(fds[0], ByteBuffer.allocate(0), localAddress(fds[1]));
            io.write(fds[0], buffer);
            await(fds[1], UEvent.IN);
            return io.read(fds[1], buffer.clear()) <= 0; // and not 1, the second datagram
        } catch (PollerException e) {
            return false;
        } finally {
            for (int fd : fds) {
                io.close(fd);
            }
        }
    }

    private SocketAddress localAddress(int fd) throws IOException {
        return Objects.requireNonNull(io.localAddress(fd));
    }

    /**
     * Sends an empty datagram to the peer of a connected socket. If the backend cannot, an
     * unconnected socket with the same address sends it.
     *
     * @return false if the system does not allow two sockets with one address
     */
    boolean sendEmpty(int fd) throws IOException {
        SocketAddress peer = Objects.requireNonNull(io.remoteAddress(fd));
        ByteBuffer empty = ByteBuffer.allocate(0);
        if (sendsEmpty) {
            int sent = io.send(fd, empty, peer);
            if (sent != 0) {
                throw new Divergence("descriptors", "fd " + fd + " sent " + sent + " of 0 bytes");
            }
            return true;
        }
        io.setOption(fd, StandardSocketOptions.SO_REUSEADDR, true);
        try (DatagramChannel twin = DatagramChannel.open(StandardProtocolFamily.INET)) {
            twin.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            twin.bind(localAddress(fd));
            twin.send(empty, peer);
            return true;
        } catch (BindException e) {
            return false;
        }
    }

    /** Closes with a reset, so that the port does not stay in TIME_WAIT. */
    void discard(int fd, Kind kind) throws IOException {
        if (kind == Kind.TCP) {
            io.setOption(fd, StandardSocketOptions.SO_LINGER, 0);
        }
        io.close(fd);
    }

    /** Waits until all of the bits have been reported. */
    void await(int fd, int bits) throws IOException {
        long start = System.nanoTime();
        int missing = bits;
        control.add(fd, missing);
        try {
            for (; ; ) {
                seen = 0;
                control.poll(
                        DEADLINE_NANOS - (System.nanoTime() - start),
                        (any, events) -> seen = events);
                missing &= ~seen;
                if (missing == 0) {
                    return;
                }
                if (System.nanoTime() - start >= DEADLINE_NANOS - 1) {
                    throw new Divergence(
                            "R3",
                            "newly added fd " + fd + " did not report " + UEvent.toString(missing));
                }
                control.modify(fd, missing);
            }
        } finally {
            control.remove(fd);
        }
    }

    @Override
    public void close() throws IOException {
        control.close();
        for (int fd : new int[] {tcpListener, unixListener}) {
            if (fd != Descriptors.NONE) {
                io.close(fd);
            }
        }
        try (var files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    /** Returns the name used to compare an outcome. */
    static String outcome(Exception e) {
        return e instanceof PollerException failure
                ? failure.errno().name()
                : e.getClass().getSimpleName();
    }
}
