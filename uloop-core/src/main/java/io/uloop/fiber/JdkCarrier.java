package io.uloop.fiber;

import io.uloop.Uloop;
import io.uloop.internal.LoopAccess;
import io.uloop.internal.VirtualThreads;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Creates virtual threads on the scheduler of the JDK. Thread-safe.
 *
 * <p>With one processor, every packet that wakes the loop's thread interrupts the fibers, and the
 * loop finds few events in a turn. There, the loop lets the fibers that it has woken run before it
 * polls again, so that events gather meanwhile.
 */
final class JdkCarrier extends Carrier {
    /** How long the loop waits for fibers, and a fiber that lets others run for the loop. */
    private static final long LIMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /**
     * How many calls of a channel there are between pauses of its fiber. They take a few
     * milliseconds, so that the pauses cost little.
     */
    private static final int CALLS_IN_A_ROW = 1024;

    private final Uloop loop;
    private final boolean letsFibersRun = Runtime.getRuntime().availableProcessors() == 1;
    private volatile @Nullable Marker marker;
    private volatile boolean ended;

    /** Whether this turn has woken a fiber. Used on the loop's thread only. */
    private boolean woken;

    JdkCarrier(Uloop loop) {
        super(FiberMode.JDK);
        requireSupport(VirtualThreadFactory.whyNotVirtual());
        this.loop = loop;
    }

    @Override
    Thread thread(String name, Runnable task) {
        return VirtualThreadFactory.newThread(name, task);
    }

    /**
     * {@inheritDoc} The JDK does not preempt virtual threads, so a peer whose data never lets its
     * fiber wait would keep a processor. Counts the calls of each channel.
     */
    @Override
    int giveWay(int calls) {
        if (calls < CALLS_IN_A_ROW) {
            return calls + 1;
        }
        letOthersRun();
        return 0;
    }

    /**
     * {@inheritDoc} A carrier thread takes threads from one queue until that is empty, and one that
     * yields is in it again at once. The loop therefore wakes this one, as it wakes the others that
     * wait.
     */
    @Override
    void letOthersRun() {
        Thread self = Thread.currentThread();
        if (!VirtualThreads.isVirtual(self) || loop.inLoop() || !isRunning()) {
            super.letOthersRun();
            return;
        }
        Visit visit = new Visit(self);
        try {
            loop.execute(visit);
        } catch (RejectedExecutionException e) {
            return; // a closed loop has no events for others
        }
        long start = System.nanoTime();
        long left = LIMIT_NANOS;
        while (!visit.over && left > 0 && !self.isInterrupted()) {
            LockSupport.parkNanos(visit, left);
            left = LIMIT_NANOS - (System.nanoTime() - start);
        }
    }

    private boolean isRunning() {
        return LoopAccess.of(loop).observer().view().runner() != null;
    }

    @Override
    void wakeInTurn(Thread thread) {
        super.wakeInTurn(thread);
        if (letsFibersRun) {
            if (marker == null) {
                marker = new Marker();
                loop.afterPoll(this::letFibersRun);
            }
            woken = true;
        }
    }

    private void letFibersRun() {
        Marker last = marker;
        if (woken && last != null) {
            woken = false;
            last.awaitBehindFibers();
        }
    }

    @Override
    void loopEnded() {
        ended = true;
        Marker last = marker;
        if (last != null) {
            LockSupport.unpark(last.thread);
        }
    }

    /** Wakes a fiber behind others, on the loop's thread. */
    private final class Visit implements Runnable {
        private final Thread fiber;
        private volatile boolean over;

        Visit(Thread fiber) {
            this.fiber = fiber;
        }

        @Override
        public void run() {
            over = true;
            wakeInTurn(fiber);
        }
    }

    /**
     * A virtual thread that the scheduler runs after those that could run before it, because it is
     * first in, first out.
     */
    private final class Marker {
        private final Thread thread =
                VirtualThreadFactory.newThread("uloop-fibers-have-run", this::run);
        private volatile Thread waiter = Thread.currentThread();
        private volatile boolean awaited;

        Marker() {
            thread.start();
        }

        /** Waits until the scheduler gets to this thread, or until the time is up. */
        void awaitBehindFibers() {
            if (awaited) {
                return; // a fiber still occupies the scheduler since an earlier turn
            }
            waiter = Thread.currentThread();
            awaited = true;
            LockSupport.unpark(thread);
            long start = System.nanoTime();
            long left = LIMIT_NANOS;
            while (awaited && left > 0 && !waiter.isInterrupted()) {
                LockSupport.parkNanos(this, left);
                left = LIMIT_NANOS - (System.nanoTime() - start);
            }
        }

        private void run() {
            while (!ended) {
                if (awaited) {
                    awaited = false;
                    LockSupport.unpark(waiter);
                }
                LockSupport.park(this);
            }
        }
    }
}
