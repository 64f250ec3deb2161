package io.uloop.poller.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.opentest4j.TestAbortedException;

/**
 * The fixture of a case: descriptors of the backend, peers from the JDK, threads and processes.
 * Closes all of them when the case ends, and then checks that no descriptor has leaked.
 */
abstract class Scene {
    /** How long to wait for something that must happen; generous, for busy machines. */
    static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final Set<String> WARM = ConcurrentHashMap.newKeySet();

    private final PollerContract contract;
    private final Set<Integer> openFds = new LinkedHashSet<>();
    private final Deque<AutoCloseable> closeables = new ArrayDeque<>();
    private @Nullable SortedMap<Integer, String> openBefore;
    private @Nullable Path directory;

    PollerProvider provider;
    Descriptors io;

    Scene(PollerContract contract) {
        this.contract = contract;
    }

    @BeforeEach
    final void setScene() throws Exception {
        provider = contract.provider();
        String reason = provider.unavailability();
        if (reason != null) {
            throw new TestAbortedException(reason);
        }
        io = provider.descriptors();
        if (WARM.add(provider.name())) {
            warmUp();
        }
        openBefore = OpenDescriptors.now();
    }

    @AfterEach
    final void clearScene() throws Exception {
        closeAll();
        SortedMap<Integer, String> before = openBefore;
        if (before != null) { // null if skipped before the start
            OpenDescriptors.assertNoneSince(before);
        }
    }

    /** Continues after a failure, as a leak would fail the next case. */
    private void closeAll() throws Exception {
        AutoCloseable next = closeables.poll();
        if (next != null) {
            try {
                next.close();
            } finally {
                closeAll();
            }
            return;
        }
        for (int fd : openFds) {
            io.close(fd);
        }
        openFds.clear();
        if (directory != null) {
            delete(directory);
            directory = null;
        }
    }

    /** Uses each kind once, as the first use may open descriptors that stay open. */
    private void warmUp() throws Exception {
        provider.open().close();
        SocketChannel.open().close();
        tcp();
        unixPair();
        datagram();
        pipe();
        start("sleep", "0");
        closeAll();
    }

    // Waiting

    /** A condition that may become true. */
    interface Condition {
        boolean holds() throws Exception;
    }

    /** A description of a condition, computed only on failure. */
    interface Words {
        String words() throws Exception;
    }

    static void until(String words, Condition condition) throws Exception {
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

    /** Sleeps, for a thread that has to act while another one waits. */
    static void letPass(long nanos) {
        long start = System.nanoTime();
        long left = nanos;
        while (left > 0) {
            LockSupport.parkNanos(left);
            left = nanos - (System.nanoTime() - start);
        }
    }

    // Threads and processes

    /**
     * Runs work on a new thread. The end of the case joins that thread after closing everything
     * that it may block on.
     */
    <T> FutureTask<T> inBackground(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task, "tck-background");
        thread.setDaemon(true);
        thread.start();
        closeables.addLast(
                () -> {
                    thread.join(TimeUnit.NANOSECONDS.toMillis(DEADLINE_NANOS));
                    assertFalse(thread.isAlive(), "the background thread of the case is stuck");
                });
        return task;
    }

    /** Returns the result of a background thread, or throws its failure. */
    static <T> T result(FutureTask<T> task) throws Exception {
        return task.get(DEADLINE_NANOS, TimeUnit.NANOSECONDS);
    }

    /** Starts a process without input and output. Skips the case if the command is missing. */
    Process start(String... command) {
        Process process;
        try {
            process =
                    new ProcessBuilder(command)
                            .redirectInput(new File("/dev/null"))
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
        } catch (IOException e) {
            throw new TestAbortedException("this system has no command " + command[0], e);
        }
        closeables.push(
                () -> {
                    process.destroyForcibly();
                    assertTrue(process.waitFor(DEADLINE_NANOS, TimeUnit.NANOSECONDS));
                });
        return process;
    }

    /** Closes the argument when the case ends, in reverse order and before all descriptors. */
    <T extends AutoCloseable> T closing(T closeable) {
        closeables.push(closeable);
        return closeable;
    }

    // Descriptors

    /** Opens something that not every {@link Descriptors} supports. */
    interface Maker<T> {
        T make() throws IOException;
    }

    /** Skips the case if the backend does not support it. */
    static <T> T available(Maker<T> maker) throws IOException {
        try {
            return maker.make();
        } catch (UnsupportedOperationException e) {
            throw new TestAbortedException(e.getMessage(), e);
        }
    }

    /** Skips the case if the backend's numbers are not the kernel's, or the kernel lists none. */
    void requireKernelDescriptors() throws IOException {
        if (!OpenDescriptors.areListed()) {
            throw new TestAbortedException("this system has no /proc/self/fd");
        }
        int[] pipe = pipe();
        try {
            track(io.dup(pipe[0]));
        } catch (UnsupportedOperationException e) {
            throw new TestAbortedException(
                    "the descriptors of this backend are not the kernel's", e);
        }
    }

    /** Closes the descriptor when the case ends, unless the case itself does. */
    int track(int fd) {
        assertTrue(openFds.add(fd), () -> "fd " + fd + " was returned while it is still open");
        return fd;
    }

    int[] track(int[] fds) {
        for (int fd : fds) {
            track(fd);
        }
        return fds;
    }

    void close(int fd) throws IOException {
        assertTrue(openFds.remove(fd), () -> "fd " + fd + " is not open");
        io.close(fd);
    }

    /** Opens a pipe and returns its read end and write end. */
    int[] pipe() throws IOException {
        return track(io.pipe());
    }

    int[] pty() throws IOException {
        return track(available(io::pty));
    }

    int dup(int fd) throws IOException {
        return track(available(() -> io.dup(fd)));
    }

    int eventfd(int initial) throws IOException {
        return track(available(() -> io.eventfd(initial)));
    }

    int datagram() throws IOException {
        return track(io.openDatagram(StandardProtocolFamily.INET));
    }

    /** Opens a datagram socket bound to loopback. */
    int boundDatagram() throws IOException {
        int fd = datagram();
        io.bind(fd, loopback(0));
        return fd;
    }

    /** Opens many datagram sockets. Skips the case if the limit of open files is too low. */
    int[] datagrams(int count) throws IOException {
        int[] fds = new int[count];
        for (int i = 0; i < count; i++) {
            try {
                fds[i] = datagram();
            } catch (PollerException e) {
                throw tooFew(e, count);
            }
        }
        return fds;
    }

    private static TestAbortedException tooFew(PollerException e, int count)
            throws PollerException {
        if (e.errno() == Errno.EMFILE || e.errno() == Errno.ENFILE) {
            return new TestAbortedException(
                    "the limit of open files is below " + count + "; see ulimit -n", e);
        }
        throw e;
    }

    /** Moves a file to a number that the JVM does not take when the case closes it. */
    int raise(int fd) throws IOException {
        assertTrue(openFds.remove(fd), () -> "fd " + fd + " is not open");
        return track(HighNumbers.raise(io, fd));
    }

    /**
     * Moves a file to a number of at least a minimum. Skips the case if the limit of open files is
     * too low.
     */
    int raise(int fd, int minimum) throws IOException {
        int raised;
        try {
            raised = HighNumbers.raise(io, fd, minimum);
        } catch (PollerException e) {
            throw tooFew(e, minimum);
        }
        openFds.remove(fd);
        return track(raised);
    }

    /** Opens a pipe whose read end has a number that the JVM does not take after a close. */
    int[] highPipe() throws IOException {
        int[] pipe = pipe();
        return new int[] {raise(pipe[0]), pipe[1]};
    }

    /** Returns a closed number that the JVM does not take. */
    int closedNumber() throws IOException {
        int number = raise(datagram());
        close(number);
        return number;
    }

    /** Opens an idle datagram socket at a closed number that came from {@link #raise}. */
    int reuse(int number) throws IOException {
        return reuse(datagram(), number);
    }

    int reuse(int fd, int number) throws IOException {
        try {
            HighNumbers.reuse(io, fd, number);
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

    /** A connected socket of the backend, and its peer, a blocking socket of the JDK. */
    record Tcp(int fd, Socket peer) {}

    Tcp tcp() throws IOException {
        int listener = listener();
        Socket peer = closing(new Socket());
        peer.connect(address(listener));
        peer.setTcpNoDelay(true);
        return new Tcp(accept(listener), peer);
    }

    int listener() throws IOException {
        int fd = track(io.openListener(StandardProtocolFamily.INET));
        io.listen(fd, loopback(0), 16);
        return fd;
    }

    int accept(int listener) throws IOException {
        int[] accepted = {Descriptors.NONE};
        try {
            until(
                    "the connection can be accepted",
                    () -> (accepted[0] = io.accept(listener)) != Descriptors.NONE);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
        return track(accepted[0]);
    }

    /** Opens two connected unix-domain stream sockets. */
    int[] unixPair() throws IOException {
        Path path = directory().resolve("socket" + openFds.size());
        int listener = track(io.openListener(StandardProtocolFamily.UNIX));
        io.listen(listener, UnixDomainSocketAddress.of(path), 1);
        int client = track(io.openStream(StandardProtocolFamily.UNIX));
        assertTrue(
                io.connect(client, UnixDomainSocketAddress.of(path)) || io.finishConnect(client),
                "a unix-domain socket must connect at once");
        return new int[] {client, accept(listener)};
    }

    static InetSocketAddress loopback(int port) throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
    }

    InetSocketAddress address(int fd) throws IOException {
        return (InetSocketAddress) Objects.requireNonNull(io.localAddress(fd));
    }

    // Bytes

    void write(int fd, int... bytes) throws IOException {
        ByteBuffer source = ByteBuffer.allocate(bytes.length);
        for (int value : bytes) {
            source.put((byte) value);
        }
        assertEquals(bytes.length, io.write(fd, source.flip()), "bytes written");
    }

    /** Reads until the descriptor would block or ends, and returns the number of bytes. */
    int drain(int fd) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(65536);
        int total = 0;
        for (int read; (read = io.read(fd, target.clear())) > 0; ) {
            total += read;
        }
        return total;
    }

    /** Reads at most {@code count} bytes. */
    int read(int fd, int count) throws IOException {
        return io.read(fd, ByteBuffer.allocate(count));
    }

    /** Writes until even a single byte would block. */
    void fill(int fd) throws IOException {
        for (int size : new int[] {65536, 1}) {
            ByteBuffer source = ByteBuffer.allocate(size);
            int written;
            do {
                written = io.write(fd, source.clear());
            } while (written > 0);
        }
    }

    /** Returns a temporary directory, deleted when the case ends. */
    Path directory() throws IOException {
        if (directory == null) {
            directory = Files.createTempDirectory("poller-tck");
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
}
