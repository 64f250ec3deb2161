package io.uloop.benchmarks.question;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** Measures a connection over a unix-domain socket: connect, poll, accept and two closes. */
public class AcceptBenchmark extends Measured {
    static final int CONNECTIONS = 100;

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
        "netty-epoll"
    })
    public String contender = "";

    @Override
    Batch open() throws Exception {
        return AcceptedSockets.open(contender, CONNECTIONS);
    }

    /** Accepts connections. */
    @Benchmark
    @OperationsPerInvocation(CONNECTIONS)
    public int accept() throws Exception {
        return run();
    }
}
