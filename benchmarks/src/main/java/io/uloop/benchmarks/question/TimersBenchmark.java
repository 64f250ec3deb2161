package io.uloop.benchmarks.question;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/**
 * Measures a timer that is scheduled and cancelled before it is due, as nearly all timeouts are,
 * while others are pending.
 *
 * <p>The young generation is small, so that the warmup touches all of it. A page fault costs as
 * much as many timers, and a large young generation has them for minutes.
 */
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms512m", "-Xmx512m", "-Xmn64m"})
public class TimersBenchmark extends Measured {
    static final int PAIRS = 1000;

    /** What is measured. */
    @Param({"uloop", "jdk", "netty"})
    public String contender = "";

    /** The number of other pending timers. */
    @Param({"1000", "1000000"})
    public int pending;

    @Override
    Batch open() throws Exception {
        return PendingTimers.open(contender, pending, PAIRS);
    }

    /** Schedules and cancels timers. */
    @Benchmark
    @OperationsPerInvocation(PAIRS)
    public int scheduleAndCancel() throws Exception {
        return run();
    }
}
