package io.uloop.poller.tck;

import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.OUT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.UEvent;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.function.Executable;
import org.opentest4j.TestAbortedException;

/** A poller under test, and assertions about it. */
abstract class ContractCases extends Scene {
    /** How long to wait for an event that must not come. */
    static final long SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    final Recorder seen = new Recorder();
    PollerProvider provider;
    Descriptors io;
    Poller poller;

    private final Supplier<PollerProvider> backend;
    private @Nullable SortedMap<Integer, String> openBefore;

    ContractCases(Supplier<PollerProvider> backend) {
        this.backend = backend;
    }

    @Override
    protected final PollerProvider provider() {
        return provider;
    }

    @BeforeEach
    final void setScene() throws IOException {
        provider = backend.get();
        String reason = provider.unavailability();
        if (reason != null) {
            throw new TestAbortedException(reason);
        }
        io = provider.descriptors();
        warmUp(provider);
        openBefore = OpenDescriptors.now();
        poller = closing(provider.open());
    }

    @AfterEach
    final void clearScene() throws Exception {
        if (openBefore != null) { // null if skipped before the start
            clear();
            OpenDescriptors.assertNoneSince(openBefore);
        }
    }

    /** Opens another poller of the same backend. */
    Poller anotherPoller() throws IOException {
        return closing(provider.open());
    }

    /** A poller, and the kinds of the kernel descriptors that it uses internally, by number. */
    record Owner(Poller poller, SortedMap<Integer, String> descriptors) {}

    /** Opens another poller. Skips the case if its own descriptors cannot be determined. */
    Owner owner() throws IOException {
        requireKernelDescriptors();
        SortedMap<Integer, String> before = OpenDescriptors.now();
        Poller opened = anotherPoller();
        opened.wakeup();
        assertEquals(0, seen.poll(opened, 0));
        return new Owner(opened, OpenDescriptors.since(before));
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
        closing(
                () -> {
                    process.destroyForcibly();
                    assertTrue(process.waitFor(DEADLINE_NANOS, TimeUnit.NANOSECONDS));
                });
        return process;
    }

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

    /** Returns the native operations, or skips the case if the backend has none. */
    NativeDescriptors nativeIo() {
        if (io instanceof NativeDescriptors all) {
            return all;
        }
        throw new TestAbortedException("this backend has no native descriptors");
    }

    /** Skips the case if the backend's numbers are not the kernel's, or the kernel lists none. */
    void requireKernelDescriptors() throws IOException {
        if (!OpenDescriptors.areListed()) {
            throw new TestAbortedException("this system has no /proc/self/fd");
        }
        Descriptors.Pipe pipe = pipe();
        track(nativeIo().dup(pipe.readEnd()));
    }

    int[] pty() throws IOException {
        return track(Ends.of(available(() -> nativeIo().pty())));
    }

    int dup(int fd) throws IOException {
        return track(available(() -> nativeIo().dup(fd)));
    }

    int eventfd(int initial) throws IOException {
        return track(available(() -> nativeIo().eventfd(initial)));
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

    /** Returns a closed number that the JVM does not take. */
    int closedNumber() throws IOException {
        int number = raise(datagram());
        close(number);
        return number;
    }

    int poll(long timeoutNanos) throws IOException {
        return seen.poll(poller, timeoutNanos);
    }

    /** A sink that may throw checked exceptions. */
    interface Reaction {
        void on(int fd, int events) throws Exception;
    }

    /** Polls once, until the deadline, and runs the reaction for every event. */
    int pollWith(Reaction reaction) throws IOException {
        return seen.poll(
                poller,
                DEADLINE_NANOS,
                (fd, events) -> {
                    try {
                        reaction.on(fd, events);
                    } catch (RuntimeException e) {
                        throw e;
                    } catch (Exception e) {
                        throw new AssertionError("a call in the sink failed", e);
                    }
                });
    }

    /** Polls until an event of the descriptor has all given bits that this backend supports. */
    int await(int fd, int bits) throws IOException {
        return await(poller, fd, bits);
    }

    int await(Poller poller, int fd, int bits) throws IOException {
        int wanted = bits & (provider.supportedEvents() | IN | OUT);
        long start = System.nanoTime();
        for (; ; ) {
            long left = DEADLINE_NANOS - (System.nanoTime() - start);
            assertTrue(
                    left > 0,
                    () ->
                            UEvent.toString(wanted)
                                    + " of fd "
                                    + fd
                                    + " was not reported; last poll: "
                                    + seen);
            seen.poll(poller, left);
            int events = seen.events(fd);
            if (events != 0 && (events & wanted) == wanted) {
                return events;
            }
        }
    }

    /** Awaits the bits, and fails if the event has other bits that are not allowed. */
    void awaitOnly(int fd, int bits, int allowedBesides) throws IOException {
        assertWithin(bits | allowedBesides, await(fd, bits));
    }

    static void assertWithin(int allowed, int events) {
        assertEquals(
                UEvent.NONE,
                events & ~allowed,
                () ->
                        "expected only "
                                + UEvent.toString(allowed)
                                + ", got "
                                + UEvent.toString(events));
    }

    /** Asserts that a poll delivers no event, does not return early, and does not spin. */
    void assertSilent() throws IOException {
        assertSilent(poller);
    }

    void assertSilent(Poller poller) throws IOException {
        long cpuStart = cpuNanos();
        long start = System.nanoTime();
        int delivered = seen.poll(poller, SILENCE_NANOS);
        long elapsed = System.nanoTime() - start;
        long cpu = cpuNanos() - cpuStart;
        assertEquals(0, delivered, () -> "expected no event, got " + seen);
        assertNotEarly(SILENCE_NANOS, elapsed);
        assertTrue(cpu < SILENCE_NANOS / 2, () -> "spun for " + cpu + " ns instead of waiting");
    }

    /** Returns CPU time, which unlike elapsed time does not depend on other load. */
    static long cpuNanos() {
        return THREADS.isCurrentThreadCpuTimeSupported() ? THREADS.getCurrentThreadCpuTime() : 0;
    }

    static void assertNotEarly(long timeoutNanos, long elapsedNanos) {
        assertTrue(
                elapsedNanos >= timeoutNanos,
                () -> "an empty poll of " + timeoutNanos + " ns returned after " + elapsedNanos);
    }

    /** Checks a very generous limit, as the exact delay depends on the machine. */
    static void assertNotAbsurdlyLate(long timeoutNanos, long elapsedNanos) {
        assertTrue(
                elapsedNanos < timeoutNanos + DEADLINE_NANOS,
                () -> "a poll of " + timeoutNanos + " ns returned after " + elapsedNanos);
    }

    /**
     * Asserts that the call fails with this errno on this descriptor, and that its message says so.
     */
    static void assertErrno(Errno errno, int fd, Executable call) {
        PollerException refusal = assertThrows(PollerException.class, call);
        assertEquals(errno, refusal.errno(), () -> "errno of " + refusal);
        assertEquals(fd, refusal.fd(), () -> "descriptor of " + refusal);
        String message = String.valueOf(refusal.getMessage());
        assertTrue(message.contains(errno.name()), message);
        assertTrue(message.contains(Integer.toString(fd)), message);
    }

    /** Asserts that the descriptor is not registered: modify and remove fail with ENOENT. */
    void assertUnknown(int fd) {
        assertErrno(Errno.ENOENT, fd, () -> poller.modify(fd, IN));
        assertErrno(Errno.ENOENT, fd, () -> poller.remove(fd));
    }

    /** Waits until another thread is in a poll. */
    static void untilPolled(Poller poller) throws Exception {
        until(
                "another thread polls",
                () -> {
                    try {
                        poller.remove(1_000_000);
                        return false;
                    } catch (PollerException notRegistered) {
                        return false;
                    } catch (IllegalStateException polled) {
                        return true;
                    }
                });
    }

    /** Skips the case if the backend does not support a mode or an event bit. */
    void require(int bits) {
        int missing = bits & ~provider.supportedEvents();
        if (missing != 0) {
            throw new TestAbortedException(
                    UEvent.toString(missing) + " is not a supported event or mode");
        }
    }

    boolean supports(int bits) {
        return (provider.supportedEvents() & bits) == bits;
    }
}
