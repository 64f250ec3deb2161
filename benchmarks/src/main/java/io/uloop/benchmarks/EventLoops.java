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

/** Running loops of one thread each, to compare. */
final class EventLoops {
    private EventLoops() {}

    /** A loop of Uloop on its thread. */
    static final class OfUloop implements AutoCloseable {
        final Uloop loop;
        private final Thread thread;

        OfUloop(String backend) throws IOException {
            loop = Uloop.open(backend);
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

    /** A loop of Netty on its thread. */
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

    /** The JDK's timers on their thread; cancelled ones are taken out, as elsewhere. */
    static ScheduledThreadPoolExecutor ofJdk() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }
}
