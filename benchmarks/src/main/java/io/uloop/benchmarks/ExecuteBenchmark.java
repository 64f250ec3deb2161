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
 * Measures the cost of executing tasks on a loop from other threads. A thread submits a batch, or a
 * single task to a loop that is waiting or about to wait, and then waits for it to run.
 *
 * <p>Waiting threads spin, so that the loop's wakeup is the only one measured. This needs a
 * processor per thread. With fewer, the spinning threads yield.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ExecuteBenchmark {
    private static final int BATCH = 1000;

    private static final int SPINS = 1000;

    /** The loop under test. */
    @State(Scope.Benchmark)
    public static class Loop {
        /** The library, with its backend. */
        @Param({"uloop-epoll", "uloop-select", "netty-epoll", "netty-nio"})
        public String loop = "";

        private AutoCloseable running;
        private Executor executor;

        /** Starts the loop. */
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

        /** Stops the loop. */
        @TearDown
        public void end() throws Exception {
            running.close();
        }
    }

    /** A thread that submits tasks. */
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

    /** Submits a task to a waiting loop and waits until it has run. */
    @Benchmark
    public int roundTrip(Loop loop, Producer producer) {
        return producer.execute(loop.executor, 1);
    }

    /** Submits a batch from one thread; the score is per task. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int oneProducer(Loop loop, Producer producer) {
        return producer.execute(loop.executor, BATCH);
    }

    /** Submits batches from two threads at once; the score is per task. */
    @Benchmark
    @Threads(2)
    @OperationsPerInvocation(BATCH)
    public int twoProducers(Loop loop, Producer producer) {
        return producer.execute(loop.executor, BATCH);
    }
}
