package io.uloop.poller.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * The fixture of a test: descriptors of a backend, peers from the JDK, threads and processes.
 * {@link #clear} closes all of them after the test.
 *
 * <p>Test classes either extend this class or use a subclass of it.
 *
 * <p>Not thread-safe: call from the test's thread. The static methods are thread-safe.
 *
 * @since 0.1
 */
public abstract class Scene {
    /** How long to wait for something that must happen; generous, for busy machines. */
    public static final Duration DEADLINE = Duration.ofSeconds(60);

    static final long DEADLINE_NANOS = DEADLINE.toNanos();

    private static final Set<String> WARM = ConcurrentHashMap.newKeySet();

    private final Set<Integer> openFds = Collections.synchronizedSet(new LinkedHashSet<>());
    private final Deque<AutoCloseable> closeables = new ArrayDeque<>();
    private @Nullable Path directory;

    /** Creates an empty scene. */
    protected Scene() {}

    /**
     * Returns the backend that opens the descriptors.
     *
     * @return the same usable backend during a test
     */
    protected abstract PollerProvider provider();

    private Descriptors io() {
        return provider().descriptors();
    }

    /**
     * Opens what the JDK and the libraries keep open after the first use of a backend, which is not
     * a leak. Call this before the first list of {@link OpenDescriptors}. Idempotent.
     *
     * @param backend a usable backend
     */
    public static void warmUp(PollerProvider backend) {
        if (!WARM.add(backend.name())) {
            return;
        }
        NoDescriptorLeak.useAllKinds();
        Descriptors io = backend.descriptors();
        try (Poller poller = backend.open()) {
            poller.poll(0, (fd, events) -> {});
            io.close(io.openStream(StandardProtocolFamily.INET));
            io.close(io.openStream(StandardProtocolFamily.UNIX));
            io.close(io.openDatagram(StandardProtocolFamily.INET));
            Descriptors.Pipe pipe = io.pipe();
            io.close(pipe.readEnd());
            io.close(pipe.writeEnd());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use " + backend.name(), e);
        }
        startProcess();
    }

    private static void startProcess() {
        try {
            new ProcessBuilder("true").inheritIO().start().destroy();
        } catch (IOException e) {
            // This system has no such command.
        }
    }

    /**
     * Closes everything that the test has opened here, and removes its files. Continues after a
     * failure, as what stays open would fail the next test.
     *
     * @throws Exception the first failure
     */
    protected final void clear() throws Exception {
        AutoCloseable next = closeables.poll();
        if (next != null) {
            try {
                next.close();
            } finally {
                clear();
            }
            return;
        }
        for (int fd : List.copyOf(openFds)) {
            io().close(fd);
        }
        openFds.clear();
        if (directory != null) {
            delete(directory);
            directory = null;
        }
    }

    // Waiting

    /** A condition that may become true. */
    @FunctionalInterface
    public interface Condition {
        /**
         * {@return whether the condition holds now}
         *
         * @throws Exception fails the test
         */
        boolean holds() throws Exception;
    }

    /** A description of a condition, computed only on failure. */
    interface Words {
        String words() throws Exception;
    }

    /**
     * Waits until another thread or the kernel has made a condition true.
     *
     * @param words the condition, for the failure after {@link #DEADLINE}
     * @param condition checked every 0.1 ms
     * @throws Exception if the condition throws it
     */
    public static void until(String words, Condition condition) throws Exception {
        until(() -> words, condition);
    }

    static void until(Words words, Condition condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.holds()) {
            if (System.nanoTime() - start >= DEADLINE_NANOS) {
                throw new AssertionError("timed out waiting until " + words.words());
            }
            LockSupport.parkNanos(100_000);
        }
    }

    // Threads and resources

    /**
     * Runs work on a new thread. The end of the test joins that thread after closing everything
     * that it may block on.
     *
     * @param <T> the type of the result
     * @param work for example a blocking peer
     * @return the future of the result
     */
    public final <T> FutureTask<T> inBackground(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task, "test-background");
        thread.setDaemon(true);
        thread.start();
        closeables.addLast(
                () -> {
                    thread.join(DEADLINE.toMillis());
                    assertFalse(thread.isAlive(), "a background thread of the test is stuck");
                });
        return task;
    }

    /**
     * Waits for the result of a background thread.
     *
     * @param <T> the type of the result
     * @param task a result of {@link #inBackground}
     * @return what the work has returned
     * @throws Exception if the work failed or takes longer than {@link #DEADLINE}
     */
    public static <T> T result(FutureTask<T> task) throws Exception {
        return task.get(DEADLINE_NANOS, TimeUnit.NANOSECONDS);
    }

    /**
     * Closes a resource when the test ends, even if the test has already closed it. Resources are
     * closed in reverse order and before all descriptors.
     *
     * @param <T> the type of the resource
     * @param closeable closed at the end
     * @return the resource
     */
    public final <T extends AutoCloseable> T closing(T closeable) {
        closeables.push(closeable);
        return closeable;
    }

    /**
     * Returns a temporary directory that is deleted with its files when the test ends.
     *
     * @return the same directory during a test
     * @throws IOException if it cannot be created
     */
    public final Path directory() throws IOException {
        if (directory == null) {
            directory = Files.createTempDirectory("uloop-test");
        }
        return directory;
    }

    private static void delete(Path directory) throws IOException {
        try (var children = Files.newDirectoryStream(directory)) {
            for (Path child : children) {
                Files.delete(child);
            }
        }
        Files.delete(directory);
    }

    // Descriptors

    /**
     * Closes a descriptor when the test ends, unless {@link #close} does so earlier.
     *
     * @param fd a descriptor that the test has opened
     * @return the descriptor
     */
    public final int track(int fd) {
        assertTrue(openFds.add(fd), () -> "fd " + fd + " was returned while it is still open");
        return fd;
    }

    /**
     * Stops tracking a descriptor that other code closes. Thread-safe.
     *
     * @param fd any descriptor
     */
    protected final void forget(int fd) {
        openFds.remove(fd);
    }

    final int[] track(int[] fds) {
        for (int fd : fds) {
            track(fd);
        }
        return fds;
    }

    /**
     * Closes a descriptor before the test ends.
     *
     * @param fd a descriptor of this scene
     * @throws IOException if the kernel reports a failure
     */
    public final void close(int fd) throws IOException {
        assertTrue(openFds.remove(fd), () -> "fd " + fd + " is not open");
        io().close(fd);
    }

    /**
     * Opens a pipe.
     *
     * @return both ends
     * @throws IOException EMFILE, ENFILE
     */
    public final Descriptors.Pipe pipe() throws IOException {
        Descriptors.Pipe pipe = io().pipe();
        track(pipe.readEnd());
        track(pipe.writeEnd());
        return pipe;
    }

    /**
     * Opens a datagram socket.
     *
     * @return an IPv4 socket without an address
     * @throws IOException EMFILE, ENFILE
     */
    public final int datagram() throws IOException {
        return track(io().openDatagram(StandardProtocolFamily.INET));
    }

    /**
     * Opens a datagram socket bound to loopback.
     *
     * @return an IPv4 socket, whose {@link #address} tells its port
     * @throws IOException EMFILE, ENFILE
     */
    public final int boundDatagram() throws IOException {
        int fd = datagram();
        io().bind(fd, loopback(0));
        return fd;
    }

    /**
     * Moves a file to a number that the JVM does not take when the test closes it.
     *
     * @param fd a descriptor of this scene, closed on return
     * @return the new number of the file
     * @throws IOException if the limit of open files is too low
     */
    protected final int raise(int fd) throws IOException {
        assertTrue(openFds.remove(fd), () -> "fd " + fd + " is not open");
        return track(HighNumbers.raise(io(), fd));
    }

    /**
     * Moves a file to a number of at least a minimum. Skips the test if the limit of open files is
     * too low.
     */
    final int raise(int fd, int minimum) throws IOException {
        int raised;
        try {
            raised = HighNumbers.raise(io(), fd, minimum);
        } catch (PollerException e) {
            throw tooFew(e, minimum);
        }
        openFds.remove(fd);
        return track(raised);
    }

    /** Returns the skip of a test that cannot open so many files, or throws another failure. */
    static TestAbortedException tooFew(PollerException e, int count) throws PollerException {
        if (e.errno() == Errno.EMFILE || e.errno() == Errno.ENFILE) {
            return new TestAbortedException(
                    "the limit of open files is below " + count + "; see ulimit -n", e);
        }
        throw e;
    }

    /**
     * Opens a pipe whose read end has a number that the JVM does not take after a close.
     *
     * @return both ends
     * @throws IOException EMFILE, ENFILE
     */
    protected final Descriptors.Pipe highPipe() throws IOException {
        Descriptors.Pipe pipe = pipe();
        return new Descriptors.Pipe(raise(pipe.readEnd()), pipe.writeEnd());
    }

    /**
     * Opens an idle datagram socket at a closed number. Skips the test if the backend does not
     * reuse the number.
     *
     * @param number a number that came from {@link #raise} or {@link #highPipe}
     * @return the number
     * @throws IOException EMFILE, ENFILE
     */
    protected final int reuse(int number) throws IOException {
        return reuse(datagram(), number);
    }

    /** Moves an open file to a closed number that came from {@link #raise}. */
    final int reuse(int fd, int number) throws IOException {
        try {
            HighNumbers.reuse(io(), fd, number);
        } catch (UnsupportedOperationException e) {
            return reuseByOpening(fd, number);
        }
        openFds.remove(fd);
        return track(number);
    }

    /** Opens datagram sockets until the backend assigns the number to one. */
    private int reuseByOpening(int fd, int number) throws IOException {
        int opened = fd;
        for (int i = 0; i < 100; i++) {
            if (opened == number) {
                return number;
            }
            opened = datagram();
        }
        throw new TestAbortedException("the backend does not soon reuse a closed number");
    }

    // Peers

    /**
     * A connected socket of the backend and its peer.
     *
     * @param fd the backend's end
     * @param peer the other end, a blocking socket of the JDK
     */
    public record Tcp(int fd, Socket peer) {}

    /**
     * Opens a TCP connection over loopback.
     *
     * @return both ends
     * @throws IOException EMFILE, ENFILE
     */
    public final Tcp tcp() throws IOException {
        int listener = listener();
        Socket peer = closing(new Socket());
        peer.connect(address(listener));
        peer.setTcpNoDelay(true);
        return new Tcp(accept(listener), peer);
    }

    /**
     * Opens a listening TCP socket on a free port of loopback.
     *
     * @return the socket, whose {@link #address} tells its port
     * @throws IOException EMFILE, ENFILE
     */
    public final int listener() throws IOException {
        int fd = track(io().openListener(StandardProtocolFamily.INET));
        io().listen(fd, loopback(0), 16);
        return fd;
    }

    /**
     * Waits for a connection and accepts it.
     *
     * @param listener a listening socket
     * @return the connection
     * @throws IOException EMFILE, ENFILE
     */
    public final int accept(int listener) throws IOException {
        int[] accepted = {Descriptors.NONE};
        try {
            until(
                    "the connection can be accepted",
                    () -> (accepted[0] = io().accept(listener)) != Descriptors.NONE);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
        return track(accepted[0]);
    }

    /**
     * Opens two connected unix-domain stream sockets.
     *
     * @return both ends
     * @throws IOException EMFILE, ENFILE
     */
    public final NativeDescriptors.SocketPair unixPair() throws IOException {
        Path path = directory().resolve("socket" + openFds.size());
        int listener = track(io().openListener(StandardProtocolFamily.UNIX));
        io().listen(listener, UnixDomainSocketAddress.of(path), 1);
        int client = track(io().openStream(StandardProtocolFamily.UNIX));
        boolean connected = io().connect(client, UnixDomainSocketAddress.of(path));
        assertTrue(
                connected || io().finishConnect(client),
                "a unix-domain socket must connect at once");
        return new NativeDescriptors.SocketPair(client, accept(listener));
    }

    /**
     * Returns an IPv4 loopback address.
     *
     * @param port the port, 0 to bind to any free one
     * @return 127.0.0.1 with the port
     */
    public static InetSocketAddress loopback(int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of four bytes is legal", e);
        }
    }

    /**
     * Returns the local address of an internet socket.
     *
     * @param fd a bound socket
     * @return its address
     * @throws IOException EBADF
     */
    public final InetSocketAddress address(int fd) throws IOException {
        return (InetSocketAddress) Objects.requireNonNull(io().localAddress(fd));
    }

    // Bytes

    final void write(int fd, int... bytes) throws IOException {
        ByteBuffer source = ByteBuffer.allocate(bytes.length);
        for (int value : bytes) {
            source.put((byte) value);
        }
        assertEquals(bytes.length, io().write(fd, source.flip()), "bytes written");
    }

    /**
     * Writes a short text with one call. Fails the test if the descriptor does not take all of it.
     *
     * @param fd a writable descriptor
     * @param text written in UTF-8
     * @throws IOException EPIPE, ECONNRESET and so on
     */
    public final void write(int fd, String text) throws IOException {
        ByteBuffer source = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        int length = source.remaining();
        assertEquals(length, io().write(fd, source), "bytes written");
    }

    /**
     * Reads the available bytes, at most 64 KiB, with one call.
     *
     * @param fd a readable descriptor
     * @return the bytes as UTF-8, empty also at end of stream
     * @throws IOException ECONNRESET and so on
     */
    public final String read(int fd) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(65536);
        io().read(fd, target);
        return StandardCharsets.UTF_8.decode(target.flip()).toString();
    }

    /** Reads until the descriptor would block or ends, and returns the number of bytes. */
    final int drain(int fd) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(65536);
        int total = 0;
        for (int read; (read = io().read(fd, target.clear())) > 0; ) {
            total += read;
        }
        return total;
    }

    /** Reads at most {@code count} bytes. */
    final int read(int fd, int count) throws IOException {
        return io().read(fd, ByteBuffer.allocate(count));
    }

    /**
     * Writes until even a single byte would block, which puts back-pressure on the descriptor.
     *
     * @param fd a writable descriptor
     * @throws IOException EPIPE, ECONNRESET and so on
     */
    public final void fill(int fd) throws IOException {
        for (int size : new int[] {65536, 1}) {
            ByteBuffer source = ByteBuffer.allocate(size);
            int written;
            do {
                written = io().write(fd, source.clear());
            } while (written > 0);
        }
    }
}
