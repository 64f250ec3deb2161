package io.uloop.poller.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.CapturedWarnings;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests that a temporary shortage of memory or descriptors does not end a poll. */
class ShortageTest {
    private static final long DEADLINE_SECONDS = 20;

    private final PoorKernel poller = new PoorKernel();
    private final CapturedWarnings log = new CapturedWarnings();

    @AfterEach
    void releaseLog() {
        log.close();
        poller.close();
    }

    private static void see(int fd, int events) {}

    @ParameterizedTest
    @EnumSource(names = {"ENOMEM", "EAGAIN", "ENOBUFS"})
    void pollRetriesWaitAfterShortage(Errno errno) throws IOException {
        poller.add(3, UEvent.IN);
        poller.errno = errno;
        poller.failuresLeft.set(3);
        assertThat(poller.poll(-1, ShortageTest::see)).isOne();
        assertThat(poller.waits.get()).isEqualTo(4);
        assertThat(log.messages())
                .singleElement()
                .asString()
                .contains("poor_wait", errno.name(), "retrying every 10 ms");
    }

    @Test
    void pollThrowsOtherFailures() {
        poller.errno = Errno.EINVAL;
        poller.failuresLeft.set(1);
        assertThatThrownBy(() -> poller.poll(-1, ShortageTest::see))
                .isInstanceOf(PollerException.class)
                .hasMessageContaining("EINVAL");
        assertThat(log.messages()).isEmpty();
    }

    @Test
    void pollWithZeroTimeoutDoesNotPause() throws IOException {
        poller.failuresLeft.set(1);
        assertThat(poller.poll(0, ShortageTest::see)).isZero();
        assertThat(poller.waits.get()).isOne();
    }

    @Test
    void pollKeepsTimeoutWithoutSpinning() throws IOException {
        poller.failuresLeft.set(Integer.MAX_VALUE);
        long timeoutNanos = 10 * Shortage.PAUSE_NANOS;
        long start = System.nanoTime();
        assertThat(poller.poll(timeoutNanos, ShortageTest::see)).isZero();
        long elapsedNanos = System.nanoTime() - start;
        assertThat(elapsedNanos).isGreaterThanOrEqualTo(timeoutNanos);
        assertThat(poller.waits.get()).isLessThanOrEqualTo(11);
        assertThat(log.messages().size())
                .isLessThanOrEqualTo((int) TimeUnit.NANOSECONDS.toSeconds(elapsedNanos) + 1);
    }

    @Test
    void pollOnInterruptedThreadDoesNotSpin() throws IOException {
        poller.failuresLeft.set(Integer.MAX_VALUE);
        Thread.currentThread().interrupt();
        try {
            assertThat(poller.poll(-1, ShortageTest::see)).isZero(); // ended by the interrupt
            poller.waits.set(0);
            assertThat(poller.poll(10 * Shortage.PAUSE_NANOS, ShortageTest::see)).isZero();
            assertThat(poller.waits.get()).isLessThanOrEqualTo(11);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void wakeupDuringPauseEndsPoll() throws Exception {
        assertThat(endsWhen(poller::wakeup)).isZero();
    }

    @Test
    void closeDuringPauseEndsPoll() throws Exception {
        assertThat(endsWhen(poller::close)).isZero();
        assertThat(poller.freed).isTrue();
    }

    @Test
    void interruptDuringPauseEndsPoll() throws Exception {
        FutureTask<Boolean> poll =
                new FutureTask<>(
                        () -> {
                            poller.poll(-1, ShortageTest::see);
                            return Thread.interrupted();
                        });
        Thread thread = start(poll);
        thread.interrupt();
        assertThat(poll.get(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"EMFILE", "ENFILE", "ENOMEM", "ENOSPC"})
    void repairIsRetriedAfterShortage(Errno errno) throws IOException {
        poller.add(3, UEvent.IN);
        poller.stale = true;
        poller.errno = errno;
        poller.repairFailuresLeft = 2;
        for (int i = 0; i < 3; i++) {
            assertThat(poller.poll(0, ShortageTest::see)).isZero();
        }
        assertThat(poller.repairs).isEqualTo(3);
        assertThat(poller.stale).isFalse();
    }

    @Test
    void owedRepairDoesNotSpin() throws IOException {
        poller.stale = true;
        poller.errno = Errno.EMFILE;
        poller.repairFailuresLeft = Integer.MAX_VALUE;
        assertThat(poller.poll(10 * Shortage.PAUSE_NANOS, ShortageTest::see)).isZero();
        assertThat(poller.repairs).isLessThanOrEqualTo(12);
    }

    /**
     * Starts a poll on a kernel that keeps failing, ends it from this thread and returns its
     * result.
     */
    private int endsWhen(Runnable end) throws Exception {
        FutureTask<Integer> poll = new FutureTask<>(() -> poller.poll(-1, ShortageTest::see));
        start(poll);
        end.run();
        return poll.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /** Returns after the poll has started to pause. */
    private Thread start(FutureTask<?> poll) throws Exception {
        poller.failuresLeft.set(Integer.MAX_VALUE);
        Thread thread = new Thread(poll);
        thread.setDaemon(true);
        thread.start();
        until(() -> poller.waits.get() >= 2);
        return thread;
    }

    private static void until(Callable<Boolean> condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.call()) {
            assertThat(System.nanoTime() - start)
                    .isLessThan(TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS));
            Thread.onSpinWait();
        }
    }

    /** A kernel that fails as often as a test requests, then reports fd 3 as ready. */
    private static final class PoorKernel extends ReadinessPoller {
        final AtomicInteger failuresLeft = new AtomicInteger();
        final AtomicInteger waits = new AtomicInteger();
        Errno errno = Errno.ENOMEM;
        int repairFailuresLeft;
        int repairs;
        boolean stale;
        volatile boolean freed;

        PoorKernel() {
            super("poor", UEvent.INTERESTS, new CloseCounts()::count);
        }

        private PollerException failure(String syscall) {
            return new PollerException(syscall, "", -1, errno, "poor");
        }

        @Override
        protected void await(long timeoutNanos) throws PollerException {
            waits.incrementAndGet();
            if (failuresLeft.get() > 0) {
                failuresLeft.decrementAndGet();
                throw failure("poor_wait");
            }
            if (stale) {
                report(1L << Integer.SIZE | 5, UEvent.IN); // never registered
            } else if (registrations().contains(3)) {
                report(registrations().token(3), UEvent.IN);
            }
        }

        @Override
        protected void repair() throws PollerException {
            repairs++;
            if (repairFailuresLeft > 0) {
                repairFailuresLeft--;
                throw failure("poor_repair");
            }
            stale = false;
        }

        @Override
        protected void register(int fd, int interest, long token) {}

        @Override
        protected void reregister(int fd, int interest, long token) {}

        @Override
        protected void unregister(int fd) {}

        @Override
        protected boolean isStale(int fd) {
            return false;
        }

        @Override
        protected boolean owns(int fd) {
            return false;
        }

        @Override
        protected void signal() {}

        @Override
        protected void free() {
            freed = true;
        }
    }
}
