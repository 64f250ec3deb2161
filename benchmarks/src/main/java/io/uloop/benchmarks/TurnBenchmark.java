package io.uloop.benchmarks;

import io.uloop.Uloop;
import io.uloop.UloopBuilder;
import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
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
 * Measures a turn of the loop with one ready descriptor: a pipe with a byte that is never read. The
 * cost of a kind of monitoring is the difference from {@link Watch#NOTHING}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TurnBenchmark {
    private static final int TURNS = 1000;

    /** A spin threshold that is checked but never reached. */
    private static final Duration NEVER = Duration.ofDays(1);

    /** The monitoring that is enabled. */
    public enum Watch {
        /** The counters only, which are always enabled. */
        NOTHING,
        /** The measurement of busy and idle time. */
        METRICS,
        /** The watchdog for slow handlers. */
        CALLS,
        /** The watchdog for spinning descriptors. */
        SPINS,
        /** All of them. */
        ALL
    }

    /** The monitoring that is enabled. */
    @Param public Watch watch;

    /** The backend; {@code none} measures the loop without a kernel. */
    @Param({"epoll", "none"})
    public String backend = "";

    private Uloop loop;
    private Descriptors.Pipe pipe;
    private int turns;

    /** Opens the loop and fills the pipe. */
    @Setup
    public void open() throws IOException {
        UloopBuilder builder = Uloop.builder();
        if (backend.equals("none")) {
            builder.poller(ReadyPoller.provider());
        } else {
            builder.poller(backend);
        }
        builder.metrics(watch == Watch.METRICS || watch == Watch.ALL);
        boolean calls = watch == Watch.CALLS || watch == Watch.ALL;
        builder.slowHandlerThreshold(calls ? Duration.ofSeconds(1) : Duration.ZERO);
        builder.spinThreshold(watch == Watch.SPINS || watch == Watch.ALL ? NEVER : Duration.ZERO);
        loop = builder.build();
        Descriptors descriptors = loop.descriptors();
        pipe = descriptors.pipe();
        descriptors.write(pipe.writeEnd(), ByteBuffer.allocateDirect(1));
        loop.add(pipe.readEnd(), UEvent.IN, (fd, events) -> ready());
    }

    private void ready() {
        if (++turns % TURNS == 0) {
            loop.stop();
        }
    }

    /** Closes the loop and the pipe. */
    @TearDown
    public void close() throws IOException {
        Descriptors descriptors = loop.descriptors();
        loop.close();
        descriptors.close(pipe.readEnd());
        descriptors.close(pipe.writeEnd());
    }

    /** Runs turns; the score is per turn. */
    @Benchmark
    @OperationsPerInvocation(TURNS)
    public int turn() throws IOException {
        loop.run();
        return turns;
    }
}
