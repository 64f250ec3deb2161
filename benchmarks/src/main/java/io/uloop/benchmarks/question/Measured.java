package io.uloop.benchmarks.question;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A question that JMH answers: nanoseconds per operation. Subclasses choose the contender by a
 * parameter. Not thread-safe: one thread measures.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public abstract class Measured {
    private @Nullable Batch batch;

    /** Opens the contender, with the parameters of the subclass. */
    abstract Batch open() throws Exception;

    /** Opens the contender. */
    @Setup
    public final void setUp() throws Exception {
        batch = open();
    }

    /** Closes the contender. */
    @TearDown
    public final void tearDown() throws Exception {
        if (batch != null) {
            batch.close();
            batch = null;
        }
    }

    /** Runs a batch. Returns how many operations it was. */
    final int run() throws Exception {
        return batch == null ? 0 : batch.run();
    }
}
