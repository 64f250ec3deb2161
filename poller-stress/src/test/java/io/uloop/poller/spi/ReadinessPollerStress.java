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

/**
 * Races of a poll that waits for ever with what must end it, and of a registration with the close.
 * {@link StressTest} runs them.
 */
final class ReadinessPollerStress {
    private ReadinessPollerStress() {}

    /** Results: waits, signals, the kernel was waited in for ever. */
    @JCStressTest
    @State
    @Outcome(id = "0, 0, false", expect = ACCEPTABLE, desc = "woken before the wait")
    @Outcome(id = "1, 1, false", expect = ACCEPTABLE, desc = "woken in the wait")
    @Outcome(expect = FORBIDDEN, desc = "the wakeup was lost, or signalled for nothing")
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

    /** Results: waits, signals, the kernel was waited in for ever, or misused. */
    @JCStressTest
    @State
    @Outcome(id = "0, 0, false", expect = ACCEPTABLE, desc = "closed before the wait")
    @Outcome(id = "1, 1, false", expect = ACCEPTABLE, desc = "closed in the wait")
    @Outcome(expect = FORBIDDEN, desc = "the close was not noticed, or freed under the poll")
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

    /** Results: waits, signals, the kernel was waited in for ever, or the flag was lost. */
    @JCStressTest
    @State
    @Outcome(id = "0, 0, false", expect = ACCEPTABLE, desc = "interrupted before the wait")
    @Outcome(id = "1, 1, false", expect = ACCEPTABLE, desc = "interrupted in the wait")
    @Outcome(expect = FORBIDDEN, desc = "the interrupt was lost, or signalled for nothing")
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
                Thread.onSpinWait(); // the flag must not meet whatever this thread does next
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

    /** Results: it was added, releases, the kernel was used after it was freed. */
    @JCStressTest
    @State
    @Outcome(id = "(true|false), 1, false", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "freed under a registration, twice or never")
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

    /** A kernel with a wakeup and nothing else; what it waits for has to come soon. */
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
            super("signalled", UEvent.INTERESTS, new CloseCounts());
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
                return;
            }
            waits++;
            long start = System.nanoTime();
            for (int spins = 1; !signalled; spins++) {
                Thread.onSpinWait();
                if (spins % SPINS_PER_PARK == 0) { // the other thread may have no processor
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
