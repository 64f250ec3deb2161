package io.uloop.benchmarks;

import io.netty.channel.EventLoop;
import io.uloop.Timer;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures a timer that is scheduled and cancelled before it is due, as nearly all timeouts are,
 * while others with evenly spread delays are pending. Uloop and Netty do it on the loop's thread,
 * where connections live. The JDK's executor has no such thread and takes its lock.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms2g", "-Xmx2g"})
public class TimerBenchmark {
    private static final int BATCH = 1000;

    /** The number of pending timers, and random delays. */
    @State(Scope.Benchmark)
    public static class Delays {
        private static final int COUNT = 1 << 12;

        /** The number of other pending timers. */
        @Param({"1000", "1000000"})
        public int pending;

        private final Duration[] durations = new Duration[COUNT];
        private final long[] nanos = new long[COUNT];
        private int next;

        /** Spreads the delays between one and two hours. */
        @Setup
        public void spread() {
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < COUNT; i++) {
                durations[i] = Duration.ofHours(1).plusNanos(random.nextLong(3_600_000_000_000L));
                nanos[i] = durations[i].toNanos();
            }
        }

        Duration duration() {
            return durations[next++ & COUNT - 1];
        }

        long nanos() {
            return nanos[next++ & COUNT - 1];
        }
    }

    /** A Uloop loop with pending timers. */
    @State(Scope.Benchmark)
    public static class OfUloop {
        private EventLoops.OfUloop running;
        private Timer one;

        /** Starts the loop and schedules the pending timers. */
        @Setup
        public void start(Delays delays) throws Exception {
            running = new EventLoops.OfUloop("epoll");
            running.loop
                    .submit(
                            () -> {
                                for (int i = 0; i < delays.pending; i++) {
                                    running.loop.callLater(
                                            delays.duration(), TimerBenchmark::nothing);
                                }
                                one =
                                        running.loop.callLater(
                                                delays.duration(), TimerBenchmark::nothing);
                                return true;
                            })
                    .get();
        }

        /** Stops the loop. */
        @TearDown
        public void end() {
            running.close();
        }

        private int scheduleAndCancel(Delays delays) {
            int cancelled = 0;
            for (int i = 0; i < BATCH; i++) {
                Timer timer = running.loop.callLater(delays.duration(), TimerBenchmark::nothing);
                cancelled += timer.isActive() ? 1 : 0;
                timer.close();
            }
            return cancelled;
        }

        private int reschedule(Delays delays) {
            for (int i = 0; i < BATCH; i++) {
                one.reschedule(delays.duration());
            }
            return BATCH;
        }
    }

    /** A Netty event loop with pending timers. */
    @State(Scope.Benchmark)
    public static class OfNetty {
        private EventLoops.OfNetty running;

        /** Starts the loop and schedules the pending timers. */
        @Setup
        public void start(Delays delays) throws Exception {
            running = EventLoops.OfNetty.nio();
            EventLoop loop = running.loop;
            loop.submit(
                            () -> {
                                for (int i = 0; i < delays.pending; i++) {
                                    var unused =
                                            loop.schedule(
                                                    TimerBenchmark::nothing,
                                                    delays.nanos(),
                                                    TimeUnit.NANOSECONDS);
                                }
                            })
                    .get();
        }

        /** Stops the loop. */
        @TearDown
        public void end() {
            running.close();
        }

        private int scheduleAndCancel(Delays delays) {
            int cancelled = 0;
            for (int i = 0; i < BATCH; i++) {
                var timer =
                        running.loop.schedule(
                                TimerBenchmark::nothing, delays.nanos(), TimeUnit.NANOSECONDS);
                cancelled += timer.cancel(false) ? 1 : 0;
            }
            return cancelled;
        }
    }

    /** A JDK executor with pending timers. */
    @State(Scope.Benchmark)
    public static class OfJdk {
        private ScheduledThreadPoolExecutor executor;

        /** Starts the loop and schedules the pending timers. */
        @Setup
        public void start(Delays delays) {
            executor = EventLoops.ofJdk();
            for (int i = 0; i < delays.pending; i++) {
                var unused =
                        executor.schedule(
                                TimerBenchmark::nothing, delays.nanos(), TimeUnit.NANOSECONDS);
            }
        }

        /** Stops the loop. */
        @TearDown
        public void end() {
            executor.shutdownNow();
        }
    }

    private static void nothing() {}

    /** Schedules and cancels a timer in Uloop. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int uloop(OfUloop uloop, Delays delays) throws Exception {
        return uloop.running.loop.submit(() -> uloop.scheduleAndCancel(delays)).get();
    }

    /** Reschedules a timer in Uloop. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int uloopReschedule(OfUloop uloop, Delays delays) throws Exception {
        return uloop.running.loop.submit(() -> uloop.reschedule(delays)).get();
    }

    /** Schedules and cancels a timer in Netty. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int netty(OfNetty netty, Delays delays) throws Exception {
        return netty.running.loop.submit(() -> netty.scheduleAndCancel(delays)).get();
    }

    /** Schedules and cancels a timer in the JDK. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int jdk(OfJdk jdk, Delays delays) {
        int cancelled = 0;
        for (int i = 0; i < BATCH; i++) {
            var timer =
                    jdk.executor.schedule(
                            TimerBenchmark::nothing, delays.nanos(), TimeUnit.NANOSECONDS);
            cancelled += timer.cancel(false) ? 1 : 0;
        }
        return cancelled;
    }
}
