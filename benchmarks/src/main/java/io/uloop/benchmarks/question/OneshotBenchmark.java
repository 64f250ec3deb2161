package io.uloop.benchmarks.question;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/**
 * Measures a poll of a ONESHOT registration and its rearming. The JDK and jnr-enxio have no such
 * mode, so there the handler clears the interest and sets it again.
 */
public class OneshotBenchmark extends Measured {
    static final int EVENTS = 100;

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

    @Override
    Batch open() throws Exception {
        return OneshotSocket.open(contender, EVENTS);
    }

    /** Polls and rearms. */
    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public int oneshot() throws Exception {
        return run();
    }
}
