package io.uloop.benchmarks;

import java.io.IOException;
import java.util.concurrent.Executor;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to hand tasks to a loop from other threads: in batches, each of which its thread
 * waits for, and one at a time, to a loop that begins to wait or does. Those who wait spin, so that
 * nothing but the loop's own wakeup is measured; it takes a processor per thread, and yields what
 * it has where there are fewer.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ExecuteBenchmark {
    private static final int BATCH = 1000;

    private static final int SPINS = 1000;

    /** The loop. */
    @State(Scope.Benchmark)
    public static class Loop {
        /** Whose loop. */
        @Param({"uloop-epoll", "uloop-select", "netty-epoll", "netty-nio"})
        public String loop = "";

        private AutoCloseable running;
        private Executor executor;

        /** Starts it. */
        @Setup
        public void start() throws IOException {
            switch (loop) {
                case "netty-epoll" -> take(EventLoops.OfNetty.epoll());
                case "netty-nio" -> take(EventLoops.OfNetty.nio());
                default -> {
                    EventLoops.OfUloop uloop =
                            new EventLoops.OfUloop(loop.substring("uloop-".length()));
                    running = uloop;
                    executor = uloop.loop;
                }
            }
        }

        private void take(EventLoops.OfNetty netty) {
            running = netty;
            executor = netty.loop;
        }

        /** Ends it. */
        @TearDown
        public void end() throws Exception {
            running.close();
        }
    }

    /** One thread that hands tasks over. */
    @State(Scope.Thread)
    public static class Producer {
        private int given;
        private volatile int done;
        private final Runnable task = this::count;

        @SuppressWarnings("NonAtomicVolatileUpdate") // only the loop writes
        private void count() {
            done++;
        }

        @SuppressWarnings("ThreadPriorityCheck") // the loop may need this processor
        int execute(Executor executor, int tasks) {
            for (int i = 0; i < tasks; i++) {
                executor.execute(task);
            }
            given += tasks;
            for (int looks = 0; done != given; looks++) {
                if (looks < SPINS) {
                    Thread.onSpinWait();
                } else {
                    Thread.yield();
                }
            }
            return done;
        }
    }

    /** A task to a loop that waits, until it has run. */
    @Benchmark
    public int roundTrip(Loop loop, Producer producer) {
        return producer.execute(loop.executor, 1);
    }

    /** One task of many, from one thread. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int oneProducer(Loop loop, Producer producer) {
        return producer.execute(loop.executor, BATCH);
    }

    /** One task of many, from each of two threads. */
    @Benchmark
    @Threads(2)
    @OperationsPerInvocation(BATCH)
    public int twoProducers(Loop loop, Producer producer) {
        return producer.execute(loop.executor, BATCH);
    }
}
