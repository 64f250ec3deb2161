package io.uloop.poller.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Errno;
import io.uloop.poller.EventSink;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Tests the rules shared by all backends against a scripted kernel. */
class ReadinessPollerTest {
    private final CloseCounts closes = new CloseCounts();
    private final ScriptedPoller poller = new ScriptedPoller(closes);
    private final List<String> seen = new ArrayList<>();

    private void see(int fd, int events) {
        seen.add(fd + ":" + UEvent.toString(events));
    }

    @Test
    void hangUpAddsRequestedReadiness() throws IOException {
        poller.add(5, UEvent.IN);
        poller.ready(5, UEvent.HUP);
        poller.poll(0, this::see);
        assertThat(seen).containsExactly("5:IN|HUP");
    }

    @Test
    void unrequestedBitsAreNotReported() throws IOException {
        poller.add(5, UEvent.OUT);
        poller.ready(5, UEvent.IN | UEvent.RDHUP | UEvent.PRI);
        assertThat(poller.poll(0, this::see)).isZero();
    }

    @Test
    void throwingSinkLeavesRestForNextPoll() throws IOException {
        for (int fd = 3; fd < 7; fd++) {
            poller.add(fd, UEvent.IN);
            poller.ready(fd, UEvent.IN);
        }
        EventSink failingAt4 =
                (fd, events) -> {
                    see(fd, events);
                    if (fd == 4) {
                        throw new IllegalArgumentException("boom");
                    }
                };
        assertThatThrownBy(() -> poller.poll(-1, failingAt4)).hasMessage("boom");
        assertThat(poller.poll(-1, this::see)).isEqualTo(2);
        assertThat(seen).containsExactly("3:IN", "4:IN", "5:IN", "6:IN");
    }

    @Test
    void pollAsksKernelWhenLeftoversAreStale() throws IOException {
        poller.add(3, UEvent.IN);
        poller.add(4, UEvent.IN);
        poller.ready(3, UEvent.IN);
        poller.ready(4, UEvent.IN);
        EventSink failing =
                (fd, events) -> {
                    throw new IllegalArgumentException("boom");
                };
        assertThatThrownBy(() -> poller.poll(0, failing)).hasMessage("boom");
        poller.remove(4);
        poller.ready(3, UEvent.IN);
        assertThat(poller.poll(0, this::see)).isEqualTo(1);
        assertThat(seen).containsExactly("3:IN");
    }

    @Test
    void removeInSameBatchCancelsEvent() throws IOException {
        poller.add(3, UEvent.IN);
        poller.add(4, UEvent.IN);
        poller.ready(3, UEvent.IN);
        poller.ready(4, UEvent.IN);
        poller.poll(
                0,
                (fd, events) -> {
                    see(fd, events);
                    remove(4);
                });
        assertThat(seen).containsExactly("3:IN");
        assertThat(poller.repairs).isEqualTo(1);
    }

    @Test
    void reAddInSameBatchCancelsOldEvent() throws IOException {
        poller.add(3, UEvent.IN);
        poller.add(4, UEvent.IN);
        poller.ready(3, UEvent.IN);
        poller.ready(4, UEvent.IN);
        poller.poll(
                0,
                (fd, events) -> {
                    see(fd, events);
                    remove(4);
                    add(4, UEvent.IN);
                });
        assertThat(seen).containsExactly("3:IN");
    }

    @Test
    void modifyMasksPendingEvent() throws IOException {
        poller.add(3, UEvent.IN);
        poller.add(4, UEvent.IN | UEvent.OUT);
        poller.ready(3, UEvent.IN);
        poller.ready(4, UEvent.IN | UEvent.OUT);
        poller.poll(
                0,
                (fd, events) -> {
                    see(fd, events);
                    if (fd == 3) {
                        modify(4, UEvent.OUT);
                    }
                });
        assertThat(seen).containsExactly("3:IN", "4:OUT");
    }

    @Test
    void rearmDropsEventOfPreviousShot() throws IOException {
        poller.add(3, UEvent.IN);
        poller.add(4, UEvent.IN | UEvent.ONESHOT);
        poller.ready(3, UEvent.IN);
        poller.ready(4, UEvent.IN);
        poller.poll(
                0,
                (fd, events) -> {
                    see(fd, events);
                    if (fd == 3) {
                        modify(4, UEvent.IN | UEvent.ONESHOT);
                    }
                });
        assertThat(seen).containsExactly("3:IN");
    }

    @Test
    void oneshotIsDisarmedBeforeSinkRuns() throws IOException {
        poller.add(3, UEvent.IN | UEvent.ONESHOT);
        poller.ready(3, UEvent.IN);
        poller.poll(0, (fd, events) -> assertThat(poller.disarmed).containsExactly(3));
        poller.ready(3, UEvent.IN | UEvent.HUP);
        assertThat(poller.poll(0, this::see)).isZero();
    }

    @Test
    void descriptorClosedWhileRegisteredIsDroppedSilently() throws IOException {
        poller.add(3, UEvent.IN);
        poller.ready(3, UEvent.IN);
        closes.increment(3);
        assertThat(poller.poll(0, this::see)).isZero();
        assertThat(poller.unregistered).containsExactly(3);
        assertThatThrownBy(() -> poller.remove(3)).hasMessageContaining("ENOENT");
    }

    @Test
    void nvalIsReportedOnceAndEndsTheRegistration() throws IOException {
        poller.add(3, UEvent.IN);
        poller.ready(3, UEvent.NVAL);
        poller.ready(3, UEvent.NVAL);
        poller.poll(0, this::see);
        assertThat(seen).containsExactly("3:NVAL");
    }

    @Test
    void modifyOfClosedDescriptorIsEbadfAndEndsRegistration() throws IOException {
        poller.add(3, UEvent.IN);
        closes.increment(3);
        assertThatThrownBy(() -> poller.modify(3, UEvent.OUT))
                .isInstanceOfSatisfying(
                        PollerException.class,
                        e -> {
                            assertThat(e.errno()).isEqualTo(Errno.EBADF);
                            assertThat(e.fd()).isEqualTo(3);
                        });
        assertThatThrownBy(() -> poller.remove(3)).hasMessageContaining("ENOENT");
    }

    @Test
    void addReplacesStaleEntry() throws IOException {
        poller.add(3, UEvent.IN);
        assertThatThrownBy(() -> poller.add(3, UEvent.IN)).hasMessageContaining("EEXIST");
        closes.increment(3);
        poller.add(3, UEvent.OUT);
        poller.ready(3, UEvent.OUT);
        poller.poll(0, this::see);
        assertThat(seen).containsExactly("3:OUT");
    }

    @Test
    void closeInsideSinkEndsBatchThenFrees() throws IOException {
        poller.add(3, UEvent.IN);
        poller.add(4, UEvent.IN);
        poller.ready(3, UEvent.IN);
        poller.ready(4, UEvent.IN);
        poller.poll(
                0,
                (fd, events) -> {
                    see(fd, events);
                    poller.close();
                    poller.close();
                    assertThat(poller.freed).isZero();
                });
        assertThat(seen).containsExactly("3:IN");
        assertThat(poller.freed).isEqualTo(1);
        assertThatThrownBy(() -> poller.poll(0, this::see))
                .isInstanceOf(ClosedPollerException.class);
    }

    @Test
    void wakeupSignalsOnlyWaitingPoller() throws IOException {
        for (int i = 0; i < 1000; i++) {
            poller.wakeup();
        }
        assertThat(poller.poll(-1, this::see)).isZero();
        poller.add(3, UEvent.IN);
        poller.ready(3, UEvent.IN);
        poller.poll(-1, (fd, events) -> poller.wakeup());
        assertThat(poller.poll(-1, this::see)).isZero();
        assertThat(poller.signals).isZero();
    }

    @Test
    void earlyEmptyWaitIsRepeatedForRemainingTime() throws IOException {
        long timeoutNanos = 3_000_000;
        long start = System.nanoTime();
        assertThat(poller.poll(timeoutNanos, this::see)).isZero();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(timeoutNanos);
        // The time may pass between the check that some is left and the last wait.
        assertThat(poller.timeouts).isNotEmpty().allMatch(t -> t >= 0 && t <= timeoutNanos);
        assertThat(poller.timeouts).isSortedAccordingTo((a, b) -> Long.compare(b, a));
        assertThat(Collections.frequency(poller.timeouts, 0L)).isLessThanOrEqualTo(1);
    }

    @Test
    void pollUntilWaitsForTheDeadline() throws IOException {
        long deadline = System.nanoTime() + 3_000_000;
        assertThat(poller.pollUntil(deadline, this::see)).isZero();
        assertThat(System.nanoTime() - deadline).isGreaterThanOrEqualTo(0);
    }

    @Test
    void pollUntilPastDeadlineDoesNotWait() throws IOException {
        assertThat(poller.pollUntil(System.nanoTime() - 1, this::see)).isZero();
        assertThat(poller.timeouts).containsExactly(0L);
    }

    @Test
    void interruptEndsOneWaitAndKeepsFlag() throws IOException {
        Thread.currentThread().interrupt();
        try {
            assertThat(poller.poll(-1, this::see)).isZero();
            assertThat(poller.timeouts).containsExactly(0L);
            poller.timeouts.clear();
            assertThat(poller.poll(50_000_000, this::see)).isZero();
            assertThat(poller.timeouts.get(0)).isBetween(1L, 50_000_000L);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void secondThreadIsRejectedDuringPoll() throws IOException {
        poller.add(3, UEvent.IN);
        poller.ready(3, UEvent.IN);
        AtomicReference<Throwable> polled = new AtomicReference<>();
        AtomicReference<Throwable> added = new AtomicReference<>();
        poller.poll(
                0,
                (fd, events) -> {
                    Thread other =
                            new Thread(
                                    () -> {
                                        polled.set(failureOf(() -> poller.poll(0, this::see)));
                                        added.set(failureOf(() -> poller.add(9, UEvent.IN)));
                                    });
                    other.start();
                    join(other);
                });
        assertThat(polled.get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("another thread is polling");
        assertThat(added.get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("hand the call over");
    }

    @Test
    void registrationDuringAnotherIsRejected() throws IOException {
        poller.add(4, UEvent.IN);
        List<Throwable> refusals = new ArrayList<>();
        poller.duringRegister =
                () -> {
                    poller.duringRegister = () -> {};
                    Thread other =
                            new Thread(
                                    () -> {
                                        refusals.add(failureOf(() -> poller.add(9, UEvent.IN)));
                                        refusals.add(failureOf(() -> poller.modify(4, UEvent.OUT)));
                                        refusals.add(failureOf(() -> poller.remove(4)));
                                    });
                    other.start();
                    join(other);
                };
        poller.add(3, UEvent.IN);
        assertThat(refusals)
                .hasSize(3)
                .allSatisfy(
                        refusal ->
                                assertThat(refusal)
                                        .isExactlyInstanceOf(IllegalStateException.class)
                                        .hasMessageContaining("changing them"));
        poller.modify(4, UEvent.OUT);
        poller.add(9, UEvent.IN);
    }

    @Test
    void pollDuringRegistrationStartsWhenItEnds() throws IOException {
        List<Thread> others = new ArrayList<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Runnable poll =
                () -> {
                    try {
                        poller.poll(0, this::see);
                    } catch (IOException | RuntimeException e) {
                        failure.set(e);
                    }
                };
        poller.duringRegister =
                () -> {
                    Thread other = new Thread(poll);
                    others.add(other);
                    other.start();
                };
        poller.add(3, UEvent.IN);
        join(others.get(0));
        assertThat(failure.get()).isNull();
        assertThat(poller.pollsBesideRegister).isZero();
    }

    @Test
    void closeDuringRegistrationFreesWhenItEnds() throws IOException {
        poller.duringRegister =
                () -> {
                    Thread other = new Thread(poller::close);
                    other.start();
                    join(other);
                    assertThat(poller.freed).isZero();
                };
        poller.add(3, UEvent.IN);
        assertThat(poller.freed).isOne();
    }

    @Test
    void nestedPollIsRejected() throws IOException {
        poller.add(3, UEvent.IN);
        poller.ready(3, UEvent.IN);
        assertThatThrownBy(() -> poller.poll(0, (fd, events) -> poll(0)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("inside a sink");
        assertThat(poller.poll(0, this::see)).isZero();
    }

    private interface Action {
        void run() throws Exception;
    }

    @SuppressWarnings("CatchingUnchecked")
    private static Throwable failureOf(Action action) {
        try {
            action.run();
            return new AssertionError("no exception");
        } catch (Exception e) {
            return e;
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void add(int fd, int interest) {
        unchecked(() -> poller.add(fd, interest));
    }

    private void modify(int fd, int interest) {
        unchecked(() -> poller.modify(fd, interest));
    }

    private void remove(int fd) {
        unchecked(() -> poller.remove(fd));
    }

    private void poll(long timeoutNanos) {
        unchecked(() -> poller.poll(timeoutNanos, this::see));
    }

    private static void unchecked(Action action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** A kernel with one scripted batch. Longer waits end at once and empty. */
    private static final class ScriptedPoller extends ReadinessPoller {
        final List<long[]> ready = new ArrayList<>();
        final List<Integer> disarmed = new ArrayList<>();
        final List<Integer> unregistered = new ArrayList<>();
        final List<Long> timeouts = new ArrayList<>();
        volatile Runnable duringRegister = () -> {};
        volatile boolean registering;
        int pollsBesideRegister;
        int repairs;
        int signals;
        int freed;

        ScriptedPoller(CloseCounts closes) {
            super("scripted", UEvent.INTERESTS | UEvent.ONESHOT, closes::count);
        }

        void ready(int fd, int events) {
            ready.add(new long[] {registrations().token(fd), events});
        }

        @Override
        protected void await(long timeoutNanos) {
            timeouts.add(timeoutNanos);
            if (registering) {
                pollsBesideRegister++;
            }
            for (long[] event : ready) {
                report(event[0], (int) event[1]);
            }
            ready.clear();
        }

        @Override
        protected void register(int fd, int interest, long token) {
            registering = true;
            duringRegister.run();
            registering = false;
        }

        @Override
        protected void reregister(int fd, int interest, long token) {}

        @Override
        protected void unregister(int fd) {
            unregistered.add(fd);
        }

        @Override
        protected boolean isStale(int fd) {
            return false;
        }

        @Override
        protected boolean owns(int fd) {
            return false;
        }

        @Override
        protected void disarm(int fd) {
            disarmed.add(fd);
        }

        @Override
        protected void repair() {
            repairs++;
        }

        @Override
        protected void signal() {
            signals++;
        }

        @Override
        protected void free() {
            freed++;
        }
    }
}
