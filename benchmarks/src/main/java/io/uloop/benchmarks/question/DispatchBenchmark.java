package io.uloop.benchmarks.question;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/**
 * Measures the way from the loop to the handler without the kernel. The contenders of Uloop differ
 * in their monitoring: none, busy and idle time, or the watchdogs for slow handlers and spins.
 */
public class DispatchBenchmark extends Measured {
    static final int EVENTS = 1000;

    /** What is measured. */
    @Param({"uloop", "uloop-metrics", "uloop-watchdogs", "netty"})
    public String contender = "";

    /** The number of events per turn, a divisor of 1000. */
    @Param({"1", "100"})
    public int ready;

    @Override
    Batch open() throws Exception {
        return DispatchedEvents.open(contender, ready, EVENTS);
    }

    /** Runs turns until there were 1000 events. */
    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public int dispatch() throws Exception {
        return run();
    }
}
