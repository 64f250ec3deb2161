package io.uloop.benchmarks.question;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** Measures the echo of 64 B with a change of the interest to OUT and back per message. */
public class FlipBenchmark extends Measured {
    static final int MESSAGES = 100;

    private static final int SIZE = 64;

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
        return FlippedSocket.open(contender, MESSAGES, SIZE);
    }

    /** Echoes messages. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public int flip() throws Exception {
        return run();
    }
}
