package io.uloop.benchmarks.question;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** Measures a poll without waiting, per event, by the number of ready sockets. */
public class PollBenchmark extends Measured {
    static final int EVENTS = 1000;

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

    /** The number of ready sockets, a divisor of 1000. */
    @Param({"1", "10", "100", "1000"})
    public int ready;

    /** The number of registered sockets. */
    @Param("1000")
    public int registered;

    @Override
    Batch open() throws Exception {
        return ReadySockets.open(contender, ready, registered, EVENTS);
    }

    /** Polls until there were 1000 events. */
    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public int poll() throws Exception {
        return run();
    }
}
