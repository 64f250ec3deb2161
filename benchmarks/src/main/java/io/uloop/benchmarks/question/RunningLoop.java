package io.uloop.benchmarks.question;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.uring.IoUringIoHandler;
import io.uloop.Uloop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A loop that runs on its own thread.
 *
 * @param executor passes tasks to the loop
 * @param end ends the loop and its thread
 */
record RunningLoop(Executor executor, End end) implements AutoCloseable {
    /** Ends a loop and its thread. */
    interface End {
        void end() throws IOException;
    }

    /** Starts the loop of a contender. */
    static RunningLoop start(String contender) throws IOException {
        return switch (contender) {
            case "netty-epoll" -> netty(EpollIoHandler.newFactory());
            case "netty-io_uring" -> netty(IoUringIoHandler.newFactory());
            case "netty-nio" -> netty(NioIoHandler.newFactory());
            case "jdk" -> executor(Executors.newSingleThreadExecutor());
            case "jdk-consumer" -> selector(new SelectorLoop());
            default -> uloop(Uloop.builder().poller(Contenders.provider(contender)).build());
        };
    }

    private static RunningLoop netty(IoHandlerFactory handlers) {
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, handlers);
        return new RunningLoop(
                group.next(),
                () -> group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly());
    }

    private static RunningLoop executor(ExecutorService service) {
        return new RunningLoop(
                service,
                () -> {
                    Threads.end(service);
                });
    }

    private static RunningLoop selector(SelectorLoop loop) {
        Thread thread = started(loop, "selector");
        return new RunningLoop(
                loop,
                () -> {
                    loop.close();
                    Threads.join(thread);
                });
    }

    private static RunningLoop uloop(Uloop loop) {
        Thread thread =
                started(
                        () -> {
                            try {
                                loop.run();
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        },
                        "uloop");
        return new RunningLoop(
                loop,
                () -> {
                    loop.close();
                    Threads.join(thread);
                });
    }

    private static Thread started(Runnable loop, String name) {
        Thread thread = new Thread(loop, name);
        thread.start();
        return thread;
    }

    @Override
    public void close() throws IOException {
        end.end();
    }
}
