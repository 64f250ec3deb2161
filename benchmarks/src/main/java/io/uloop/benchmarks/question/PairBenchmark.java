package io.uloop.benchmarks.question;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** Measures a message over a pair of sockets: one write, one poll and one read. */
public class PairBenchmark extends Measured {
    static final int MESSAGES = 100;

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

    /** The bytes of a message. */
    @Param({"64", "16384"})
    public int size;

    @Override
    Batch open() throws Exception {
        return ConnectedPair.open(contender, MESSAGES, size);
    }

    /** Writes and reads messages. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public int pair() throws Exception {
        return run();
    }
}
