package io.uloop.poller.tck;

import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.OUT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.function.Executable;
import org.opentest4j.TestAbortedException;

/** One poller, and how to say what it has to do. */
abstract class ContractCases extends Scene {
    /** How long a silent poller is listened to. */
    static final long SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    final Recorder seen = new Recorder();
    Poller poller;

    ContractCases(PollerContract contract) {
        super(contract);
    }

    @BeforeEach
    final void openPoller() throws IOException {
        poller = closing(provider.open());
    }

    /** Another poller of the same backend. */
    Poller anotherPoller() throws IOException {
        return closing(provider.open());
    }

    /** A poller, and the kernel's descriptors that it has opened for itself, with their kinds. */
    record Owner(Poller poller, SortedMap<Integer, String> descriptors) {}

    /** Another poller; skips the case where its descriptors cannot be told. */
    Owner owner() throws IOException {
        requireKernelDescriptors();
        SortedMap<Integer, String> before = OpenDescriptors.now();
        Poller opened = anotherPoller();
        opened.wakeup();
        assertEquals(0, seen.poll(opened, 0));
        return new Owner(opened, OpenDescriptors.since(before));
    }

    int poll(long timeoutNanos) throws IOException {
        return seen.poll(poller, timeoutNanos);
    }

    /** A sink that may fail as the calls that it makes do. */
    interface Reaction {
        void on(int fd, int events) throws Exception;
    }

    /** Polls once, to the deadline, and does something in every callback. */
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
                        throw new AssertionError("a call inside the sink failed", e);
                    }
                });
    }

    /** Polls until a descriptor's event has all of some bits that this backend can report. */
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
                    () -> UEvent.toString(wanted) + " of fd " + fd + " never came; last: " + seen);
            seen.poll(poller, left);
            int events = seen.events(fd);
            if (events != 0 && (events & wanted) == wanted) {
                return events;
            }
        }
    }

    /** As {@link #await(int, int)}, and no bit came that is not allowed besides. */
    void awaitOnly(int fd, int bits, int allowedBesides) throws IOException {
        assertWithin(bits | allowedBesides, await(fd, bits));
    }

    static void assertWithin(int allowed, int events) {
        assertEquals(
                UEvent.NONE,
                events & ~allowed,
                () ->
                        "only "
                                + UEvent.toString(allowed)
                                + " may come, not "
                                + UEvent.toString(events));
    }

    /** Nothing comes, the poll does not end early, and the thread sleeps meanwhile. */
    void assertSilent() throws IOException {
        assertSilent(poller);
    }

    void assertSilent(Poller poller) throws IOException {
        long cpuStart = cpuNanos();
        long start = System.nanoTime();
        int delivered = seen.poll(poller, SILENCE_NANOS);
        long elapsed = System.nanoTime() - start;
        long cpu = cpuNanos() - cpuStart;
        assertEquals(0, delivered, () -> "nothing was to come, but " + seen);
        assertNotEarly(SILENCE_NANOS, elapsed);
        assertTrue(cpu < SILENCE_NANOS / 2, () -> "spun for " + cpu + " ns instead of waiting");
    }

    /** Unlike elapsed time, this does not grow when the machine is busy with something else. */
    static long cpuNanos() {
        return THREADS.isCurrentThreadCpuTimeSupported() ? THREADS.getCurrentThreadCpuTime() : 0;
    }

    static void assertNotEarly(long timeoutNanos, long elapsedNanos) {
        assertTrue(
                elapsedNanos >= timeoutNanos,
                () -> "an empty poll of " + timeoutNanos + " ns ended after " + elapsedNanos);
    }

    /** The exact lateness is the machine's; this one is nobody's. */
    static void assertNotAbsurdlyLate(long timeoutNanos, long elapsedNanos) {
        assertTrue(
                elapsedNanos < timeoutNanos + DEADLINE_NANOS,
                () -> "a poll of " + timeoutNanos + " ns ended after " + elapsedNanos);
    }

    /** The call fails with this errno on this descriptor, and says so. */
    static void assertErrno(String errno, int fd, Executable call) {
        PollerException refusal = assertThrows(PollerException.class, call);
        assertEquals(errno, refusal.errno(), () -> "errno of " + refusal);
        assertEquals(fd, refusal.fd(), () -> "descriptor of " + refusal);
        String message = String.valueOf(refusal.getMessage());
        assertTrue(message.contains(errno), message);
        assertTrue(message.contains(Integer.toString(fd)), message);
    }

    /** Not registered: the error that modify and remove give says so. */
    void assertUnknown(int fd) {
        assertErrno("ENOENT", fd, () -> poller.modify(fd, IN));
        assertErrno("ENOENT", fd, () -> poller.remove(fd));
    }

    /** Returns while another thread is inside a poll, which refuses this one. */
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

    /** Skips the case where the backend has no such mode or cannot report such a bit. */
    void require(int bits) {
        int missing = bits & ~provider.supportedEvents();
        if (missing != 0) {
            throw new TestAbortedException(
                    UEvent.toString(missing) + " is not among the supported events");
        }
    }

    boolean supports(int bits) {
        return (provider.supportedEvents() & bits) == bits;
    }
}
