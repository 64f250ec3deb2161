package io.uloop.benchmarks.question;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** Measures add, modify and remove of a socket, together. */
public class RegisterBenchmark extends Measured {
    static final int SOCKETS = 100;

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
        return RegisteredSockets.open(contender, SOCKETS);
    }

    /** Adds, modifies and removes each socket. */
    @Benchmark
    @OperationsPerInvocation(SOCKETS)
    public int register() throws Exception {
        return run();
    }
}
