package io.uloop.poller.spi;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIZ_Result;
import org.openjdk.jcstress.infra.results.ZIZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * Races between an indefinite poll and everything that must end it, and between a registration and
 * close. {@link StressTest} runs them.
 */
final class ReadinessPollerStress {
    private ReadinessPollerStress() {}

    /** Results: the number of waits, the number of signals, whether the wait was stuck. */
    @JCStressTest
    @State
    @Outcome(id = "0, 0, false", expect = ACCEPTABLE, desc = "woken before the wait")
    @Outcome(id = "1, 1, false", expect = ACCEPTABLE, desc = "woken during the wait")
    @Outcome(expect = FORBIDDEN, desc = "wakeup lost, or signalled needlessly")
    public static class WakeupAgainstPoll {
        private final SignalledPoller poller = new SignalledPoller();

        @Actor
        public void poll() {
            poller.pollForEver();
        }

        @Actor
        public void wakeup() {
            poller.wakeup();
        }

        @Arbiter
        public void arbiter(IIZ_Result result) {
            result.r1 = poller.waits;
            result.r2 = poller.signals.get();
            result.r3 = poller.stuck;
        }
    }

    /**
     * Results: the number of waits, the number of signals, whether the wait was stuck or the kernel
     * was misused.
     */
    @JCStressTest
    @State
    @Outcome(id = "0, 0, false", expect = ACCEPTABLE, desc = "closed before the wait")
    @Outcome(id = "1, 1, false", expect = ACCEPTABLE, desc = "closed during the wait")
    @Outcome(expect = FORBIDDEN, desc = "close lost, or freed during the poll")
    public static class CloseAgainstPoll {
        private final SignalledPoller poller = new SignalledPoller();

        @Actor
        public void poll() {
            poller.pollForEver();
        }

        @Actor
        public void close() {
            poller.close();
        }

        @Arbiter
        public void arbiter(IIZ_Result result) {
            result.r1 = poller.waits;
            result.r2 = poller.signals.get();
            result.r3 = poller.stuck || poller.misused || poller.frees.get() != 1;
        }
    }

    /**
     * Results: the number of waits, the number of signals, whether the wait was stuck or the flag
     * was lost.
     */
    @JCStressTest
    @State
    @Outcome(id = "0, 0, false", expect = ACCEPTABLE, desc = "interrupted before the wait")
    @Outcome(id = "1, 1, false", expect = ACCEPTABLE, desc = "interrupted during the wait")
    @Outcome(expect = FORBIDDEN, desc = "interrupt lost, or signalled needlessly")
    public static class InterruptAgainstPoll {
        private final SignalledPoller poller = new SignalledPoller();
        private volatile @Nullable Thread polling;
        private volatile boolean interrupted;

        @Actor
        public void poll(IIZ_Result result) {
            polling = Thread.currentThread();
            poller.pollForEver();
            result.r1 = poller.waits;
            result.r2 = poller.signals.get();
            while (!interrupted) {
                Thread.onSpinWait(); // keeps the flag from affecting whatever this thread does next
            }
            result.r3 = !Thread.interrupted() || poller.stuck;
        }

        @Actor
        public void interrupt() {
            Thread thread;
            while ((thread = polling) == null) {
                Thread.onSpinWait();
            }
            thread.interrupt();
            interrupted = true;
        }
    }

    /**
     * Results: whether the descriptor was added, the number of releases, whether the kernel was
     * used after its release.
     */
    @JCStressTest
    @State
    @Outcome(id = "(true|false), 1, false", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "leaked, freed twice, or freed during a registration")
    public static class CloseAgainstAdd {
        private final SignalledPoller poller = new SignalledPoller();

        @Actor
        public void add(ZIZ_Result result) {
            try {
                poller.add(3, UEvent.IN);
                result.r1 = true;
            } catch (ClosedPollerException e) {
                result.r1 = false;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Actor
        public void close() {
            poller.close();
        }

        @Arbiter
        public void arbiter(ZIZ_Result result) {
            result.r2 = poller.frees.get();
            result.r3 = poller.misused;
        }
    }

    /**
     * A poller that is polled with a timeout although it is watched. The poll uses up the signal of
     * the first wakeup. Results: whether a wakeup is pending, whether a watcher sees a signal.
     */
    @JCStressTest
    @State
    @Outcome(id = "false, (true|false)", expect = ACCEPTABLE, desc = "noticed, perhaps seen again")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "left for the next poll")
    @Outcome(expect = FORBIDDEN, desc = "a pending wakeup that no watcher sees")
    public static class WakeupAgainstPollOfAWatchedPoller {
        private final SignalledPoller poller = new SignalledPoller();

        public WakeupAgainstPollOfAWatchedPoller() {
            try {
                poller.fd();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            poller.wakeup();
        }

        @Actor
        public void poll() {
            poller.pollForEver();
        }

        @Actor
        public void wakeup() {
            poller.wakeup();
        }

        @Arbiter
        public void arbiter(ZZ_Result result) {
            result.r1 = poller.timeoutNanos() == 0;
            result.r2 = poller.signalled;
        }
    }

    /**
     * A fake kernel whose only event is a wakeup. A wait gets stuck if none arrives before the
     * deadline.
     */
    private static final class SignalledPoller extends ReadinessPoller {
        private static final int SPINS_PER_PARK = 1 << 16;
        private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(60);

        final AtomicInteger signals = new AtomicInteger();
        final AtomicInteger frees = new AtomicInteger();
        volatile boolean misused;
        boolean stuck;
        int waits;
        private volatile boolean signalled;

        SignalledPoller() {
            super("signalled", UEvent.INTERESTS, new CloseCounts()::count);
        }

        void pollForEver() {
            try {
                poll(-1, (fd, events) -> {});
            } catch (ClosedPollerException e) {
                return;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        protected void await(long timeoutNanos) {
            use();
            if (timeoutNanos == 0) {
                signalled = false;
                return;
            }
            waits++;
            long start = System.nanoTime();
            for (int spins = 1; !signalled; spins++) {
                Thread.onSpinWait();
                if (spins % SPINS_PER_PARK == 0) { // the other thread may need this processor
                    LockSupport.parkNanos(1);
                    if (!stuck && System.nanoTime() - start >= DEADLINE_NANOS) {
                        stuck = true;
                        wakeup();
                    }
                }
            }
            signalled = false;
            use();
        }

        @Override
        protected void register(int fd, int interest, long token) {
            use();
            use();
        }

        @Override
        protected void reregister(int fd, int interest, long token) {
            use();
        }

        @Override
        protected void unregister(int fd) {
            use();
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
        protected int pollable() {
            return 3;
        }

        @Override
        protected void signal() {
            use();
            signals.incrementAndGet();
            signalled = true;
        }

        @Override
        protected void free() {
            use();
            frees.incrementAndGet();
        }

        private void use() {
            if (frees.get() > 0) {
                misused = true;
            }
        }
    }
}
