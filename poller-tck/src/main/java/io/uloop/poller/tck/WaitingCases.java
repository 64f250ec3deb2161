package io.uloop.poller.tck;

import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.OUT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** Cases of timeouts and fairness. */
abstract class WaitingCases extends ContractCases {
    WaitingCases(Supplier<PollerProvider> backend) {
        super(backend);
    }

    @Case(51)
    void aTimeoutOfZeroNeverWaits() throws Exception {
        long start = System.nanoTime();
        for (int i = 0; i < 100; i++) {
            assertEquals(0, poll(0));
        }
        Descriptors.Pipe pipe = pipe();
        poller.add(pipe.readEnd(), IN);
        for (int i = 0; i < 100; i++) {
            assertEquals(0, poll(0));
        }
        write(pipe.writeEnd(), 1);
        assertEquals(1, poll(0), "a ready descriptor is reported without waiting");
        assertNotAbsurdlyLate(0, System.nanoTime() - start);
    }

    @Case(52)
    void aNegativeTimeoutWaitsUntilAWakeup() throws Exception {
        poller.add(pipe().readEnd(), IN);
        for (long timeoutNanos : new long[] {-1, Long.MIN_VALUE}) {
            AtomicBoolean woken = new AtomicBoolean();
            FutureTask<Boolean> waker =
                    inBackground(
                            () -> {
                                letPass(SILENCE_NANOS);
                                woken.set(true);
                                poller.wakeup();
                                return true;
                            });
            assertEquals(0, poll(timeoutNanos));
            assertTrue(woken.get(), "returned before the wakeup");
            assertTrue(result(waker));
        }
    }

    @Case(53)
    void aTimeoutWorksWithoutDescriptors() throws Exception {
        long start = System.nanoTime();
        assertSilent();
        assertNotAbsurdlyLate(SILENCE_NANOS, System.nanoTime() - start);
    }

    @Case(54)
    void shortTimeoutsAreNeverEarly() throws Exception {
        poller.add(pipe().readEnd(), IN);
        assertNeverEarly(1, 1000);
        assertNeverEarly(TimeUnit.MICROSECONDS.toNanos(100), 200);
        assertNeverEarly(TimeUnit.MICROSECONDS.toNanos(999), 50);
        assertNeverEarly(TimeUnit.MICROSECONDS.toNanos(3100), 50);
    }

    private void assertNeverEarly(long timeoutNanos, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            assertEquals(0, poll(timeoutNanos));
            long elapsed = System.nanoTime() - start;
            assertNotEarly(timeoutNanos, elapsed);
            assertNotAbsurdlyLate(timeoutNanos, elapsed);
        }
    }

    @Case(55)
    void theLongestTimeoutsDoNotOverflow() throws Exception {
        Descriptors.Pipe pipe = pipe();
        poller.add(pipe.readEnd(), IN);
        for (long timeoutNanos :
                new long[] {
                    Long.MAX_VALUE,
                    Long.MAX_VALUE - 1,
                    Long.MAX_VALUE / 2,
                    TimeUnit.DAYS.toNanos(50),
                    TimeUnit.SECONDS.toNanos(1L << 31),
                    TimeUnit.MILLISECONDS.toNanos(1L << 31)
                }) {
            FutureTask<Boolean> writer =
                    inBackground(
                            () -> {
                                letPass(SILENCE_NANOS / 5);
                                write(pipe.writeEnd(), 1);
                                return true;
                            });
            assertEquals(1, poll(timeoutNanos), () -> "a poll of " + timeoutNanos + " ns");
            assertTrue(result(writer));
            assertEquals(1, drain(pipe.readEnd()));
        }
    }

    @Case(56)
    void aSignalStormDoesNotChangeTheTimeout() throws Exception {
        Descriptors.Pipe pipe = pipe();
        poller.add(pipe.readEnd(), IN);
        // The JVM's handler for SIGPIPE does nothing, so the signal only interrupts system calls.
        Process storm = start("sh", "-c", "while kill -PIPE $0; do :; done", pollingThread());
        long timeoutNanos = 6 * SILENCE_NANOS;
        long start = System.nanoTime();
        assertEquals(0, poll(timeoutNanos));
        long elapsed = System.nanoTime() - start;
        assertNotEarly(timeoutNanos, elapsed);
        assertNotAbsurdlyLate(timeoutNanos, elapsed);
        FutureTask<Boolean> writer =
                inBackground(
                        () -> {
                            letPass(SILENCE_NANOS);
                            write(pipe.writeEnd(), 1);
                            return true;
                        });
        assertEquals(1, poll(-1));
        assertTrue(result(writer));
        assertTrue(storm.isAlive(), "the storm ended before the polls");
    }

    /** Returns the id for kill(2): that of this thread if the system has it, else the process. */
    private static String pollingThread() throws Exception {
        Path self = Path.of("/proc/thread-self");
        return Files.exists(self)
                ? Files.readSymbolicLink(self).getFileName().toString()
                : Long.toString(ProcessHandle.current().pid());
    }

    @Case(57)
    void fiveThousandReadyDescriptorsAreReportedFairly() throws Exception {
        int count = 5000;
        for (int fd : datagrams(count)) {
            poller.add(fd, OUT);
        }
        for (int round = 0; round < 3; round++) {
            Set<Integer> once = new HashSet<>();
            Set<Integer> ahead = new HashSet<>();
            while (once.size() < count) {
                int before = once.size();
                assertTrue(poll(0) > 0, "all descriptors are ready");
                for (int fd : seen.fds()) {
                    assertEquals(OUT, seen.events(fd));
                    if (!once.add(fd)) {
                        ahead.add(fd);
                    }
                }
                boolean complete = once.size() == count;
                assertTrue(
                        complete || once.size() > before,
                        "the poll reported the same descriptors again");
                assertTrue(
                        complete || ahead.isEmpty(),
                        () ->
                                ahead.size()
                                        + " reported twice while only "
                                        + once.size()
                                        + " reported once");
            }
        }
    }
}
