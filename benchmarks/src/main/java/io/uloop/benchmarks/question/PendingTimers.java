package io.uloop.benchmarks.question;

import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.uloop.Timer;
import io.uloop.Uloop;
import java.io.IOException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Schedules and cancels timers while others are pending. An operation is a pair of both calls. */
final class PendingTimers {
    private PendingTimers() {}

    /**
     * Opens a contender and schedules the pending timers.
     *
     * @param pairs the operations of one run
     */
    static Batch open(String contender, int pending, int pairs) throws IOException {
        return switch (contender) {
            case "jdk" -> new OfJdk(pending, pairs);
            case "netty" -> new OfNetty(pending, pairs);
            default -> new OfUloop(Uloop.open(), pending, pairs);
        };
    }

    private static void nothing() {}

    /** Works inside a turn, on the loop's thread. */
    private static final class OfUloop implements Batch {
        private final Delays delays = new Delays();
        private final Uloop loop;
        private final int pairs;
        private final Runnable task = this::scheduleAndCancel;
        private int cancelled;

        OfUloop(Uloop loop, int pending, int pairs) {
            this.loop = loop;
            this.pairs = pairs;
            for (int i = 0; i < pending; i++) {
                loop.callLater(delays.duration(), PendingTimers::nothing);
            }
        }

        private void scheduleAndCancel() {
            for (int i = 0; i < pairs; i++) {
                Timer timer = loop.callLater(delays.duration(), PendingTimers::nothing);
                cancelled += timer.isActive() ? 1 : 0;
                timer.close();
            }
        }

        @Override
        public int run() throws IOException {
            cancelled = 0;
            loop.execute(task);
            loop.runOnce(0);
            return cancelled;
        }

        @Override
        public void close() {
            loop.close();
        }
    }

    /** Works on the loop's thread. */
    private static final class OfNetty implements Batch {
        private final Delays delays = new Delays();
        private final ManualIoEventLoop loop =
                new ManualIoEventLoop(Thread.currentThread(), NioIoHandler.newFactory());
        private final int pairs;

        OfNetty(int pending, int pairs) {
            this.pairs = pairs;
            for (int i = 0; i < pending; i++) {
                var unused = schedule();
            }
        }

        private Future<?> schedule() {
            return loop.schedule(PendingTimers::nothing, delays.nanos(), TimeUnit.NANOSECONDS);
        }

        @Override
        public int run() {
            int cancelled = 0;
            for (int i = 0; i < pairs; i++) {
                cancelled += schedule().cancel(false) ? 1 : 0;
            }
            return cancelled;
        }

        @Override
        public void close() {
            NettyLoops.close(loop);
        }
    }

    /** Takes the executor's lock, as it has no thread on which its callers live. */
    private static final class OfJdk implements Batch {
        private final Delays delays = new Delays();
        private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
        private final int pairs;

        OfJdk(int pending, int pairs) {
            this.pairs = pairs;
            executor.setRemoveOnCancelPolicy(true); // as the other two do
            for (int i = 0; i < pending; i++) {
                var unused = schedule();
            }
        }

        private Future<?> schedule() {
            return executor.schedule(PendingTimers::nothing, delays.nanos(), TimeUnit.NANOSECONDS);
        }

        @Override
        public int run() {
            int cancelled = 0;
            for (int i = 0; i < pairs; i++) {
                cancelled += schedule().cancel(false) ? 1 : 0;
            }
            return cancelled;
        }

        @Override
        public void close() throws IOException {
            Threads.end(executor);
        }
    }
}
