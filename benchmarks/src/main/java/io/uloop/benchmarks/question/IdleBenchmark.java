package io.uloop.benchmarks.question;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** Measures a poll without waiting, with one ready socket among idle ones. */
public class IdleBenchmark extends Measured {
    static final int POLLS = 10;

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
        "jdk-keys",
        "netty-epoll",
        "jnr-enxio"
    })
    public String contender = "";

    /** The number of registered sockets, of which one is ready. */
    @Param({"10", "100", "1000", "18000"})
    public int registered;

    @Override
    Batch open() throws Exception {
        return ReadySockets.open(contender, 1, registered, POLLS);
    }

    /** Polls. */
    @Benchmark
    @OperationsPerInvocation(POLLS)
    public int poll() throws Exception {
        return run();
    }
}
