package io.uloop.benchmarks.question;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** Measures the time from a wakeup until the task runs on a loop that was waiting. */
public class WakeupBenchmark extends Measured {
    static final int WAKEUPS = 1000;

    /** What is measured. */
    @Param({
        "epoll",
        "epoll-foreign",
        "epoll-jnr",
        "kqueue",
        "poll",
        "select",
        "c",
        "jdk-consumer",
        "netty-epoll",
        "netty-io_uring",
        "netty-nio"
    })
    public String contender = "";

    @Override
    Batch open() throws Exception {
        return WakingLoops.open(contender, WAKEUPS / 2);
    }

    /** Lets two loops wake each other. */
    @Benchmark
    @OperationsPerInvocation(WAKEUPS)
    public int wakeup() throws Exception {
        return run();
    }
}
