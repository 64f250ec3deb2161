package io.uloop.benchmarks;

import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.uloop.Uloop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Starts the event loops to compare, each on one thread. */
final class EventLoops {
    private EventLoops() {}

    /** A Uloop loop running on its own thread. */
    static final class OfUloop implements AutoCloseable {
        final Uloop loop;
        private final Thread thread;

        OfUloop(String backend) throws IOException {
            loop = Uloop.builder().poller(backend).build();
            thread = new Thread(this::run, "uloop");
            thread.start();
        }

        private void run() {
            try {
                loop.run();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            loop.close();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A Netty event loop running on its own thread. */
    static final class OfNetty implements AutoCloseable {
        final EventLoop loop;
        private final MultiThreadIoEventLoopGroup group;

        private OfNetty(IoHandlerFactory handlers) {
            group = new MultiThreadIoEventLoopGroup(1, handlers);
            loop = group.next();
        }

        static OfNetty nio() {
            return new OfNetty(NioIoHandler.newFactory());
        }

        static OfNetty epoll() {
            return new OfNetty(EpollIoHandler.newFactory());
        }

        @Override
        public void close() {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    /** Creates a JDK scheduler that removes cancelled timers, as the other loops do. */
    static ScheduledThreadPoolExecutor ofJdk() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }
}
