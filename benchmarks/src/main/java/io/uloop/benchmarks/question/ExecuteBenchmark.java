package io.uloop.benchmarks.question;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** Measures tasks that other threads pass to a loop, by the number of these threads. */
public class ExecuteBenchmark extends Measured {
    static final int TASKS = 10_000;

    /** What is measured. */
    @Param({
        "epoll",
        "epoll-foreign",
        "epoll-jnr",
        "kqueue",
        "poll",
        "select",
        "jdk",
        "jdk-consumer",
        "netty-epoll",
        "netty-io_uring",
        "netty-nio"
    })
    public String contender = "";

    /** The number of threads that pass tasks. */
    @Param({"1", "2"})
    public int threads;

    @Override
    Batch open() throws Exception {
        return ExecutedTasks.open(contender, threads, TASKS);
    }

    /** Passes tasks and waits for the last one. */
    @Benchmark
    @OperationsPerInvocation(TASKS)
    public int execute() throws Exception {
        return run();
    }
}
