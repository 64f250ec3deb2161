package io.uloop.benchmarks.question;

import io.netty.channel.ManualIoEventLoop;
import java.util.concurrent.TimeUnit;

/** Ends loops of Netty that run on the benchmark's thread. */
final class NettyLoops {
    private NettyLoops() {}

    static void close(ManualIoEventLoop loop) {
        var unused = loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        while (!loop.isTerminated()) {
            loop.runNow();
        }
    }
}
