package io.uloop.benchmarks;

import io.uloop.poller.Descriptors;
import io.uloop.poller.EventSink;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures a poll in which every registered descriptor is ready: pipes with a byte that is never
 * read. {@code poll} has a timeout of 0. {@code pollWithTimeout} may wait, so its cost includes
 * being ready for a wakeup.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PollBenchmark {
    private static final long ONE_SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** The backend. */
    @Param({"epoll", "poll", "select"})
    public String backend = "";

    /** The number of ready descriptors. */
    @Param({"1", "1000"})
    public int ready;

    private Descriptors descriptors;
    private Poller poller;
    private int[][] pipes;
    private int bits;
    private final EventSink sink = (fd, events) -> bits ^= events + fd;

    /** Opens the poller and fills the pipes. */
    @Setup
    public void open() throws IOException {
        PollerProvider provider = Pollers.provider(backend);
        descriptors = provider.descriptors();
        poller = provider.open();
        pipes = new int[ready][];
        for (int i = 0; i < ready; i++) {
            Descriptors.Pipe pipe = descriptors.pipe();
            pipes[i] = new int[] {pipe.readEnd(), pipe.writeEnd()};
            descriptors.write(pipes[i][1], ByteBuffer.allocateDirect(1));
            poller.add(pipes[i][0], UEvent.IN);
        }
    }

    /** Closes the poller and the pipes. */
    @TearDown
    public void close() throws IOException {
        poller.close();
        for (int[] pipe : pipes) {
            descriptors.close(pipe[0]);
            descriptors.close(pipe[1]);
        }
    }

    /** Polls without waiting. */
    @Benchmark
    public int poll() throws IOException {
        return poller.poll(0, sink) + bits;
    }

    /** Polls with a timeout of 1 s, which is never reached. */
    @Benchmark
    public int pollWithTimeout() throws IOException {
        return poller.poll(ONE_SECOND_NANOS, sink) + bits;
    }
}
