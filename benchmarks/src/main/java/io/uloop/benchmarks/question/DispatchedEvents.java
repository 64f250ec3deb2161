package io.uloop.benchmarks.question;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.ManualIoEventLoop;
import io.uloop.Uloop;
import io.uloop.UloopBuilder;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.time.Duration;

/** Runs turns of a loop whose poller makes no system call. An operation is an event. */
final class DispatchedEvents {
    /** A threshold that is checked but never reached. */
    private static final Duration NEVER = Duration.ofDays(1);

    private DispatchedEvents() {}

    /**
     * Opens a loop.
     *
     * @param eventsPerTurn how many descriptors are ready in each turn
     * @param events of one run, a multiple of those of a turn
     */
    static Batch open(String contender, int eventsPerTurn, int events) throws IOException {
        int turns = events / eventsPerTurn;
        if (contender.equals("netty")) {
            return new OfNetty(eventsPerTurn, turns);
        }
        UloopBuilder builder = Uloop.builder().poller(ReadyPoller.provider(eventsPerTurn));
        switch (contender) {
            case "uloop-metrics" -> builder.metrics(true);
            case "uloop-watchdogs" -> builder.slowHandlerThreshold(NEVER).spinThreshold(NEVER);
            default -> {}
        }
        return new OfUloop(builder.build(), eventsPerTurn, turns);
    }

    /** Handlers on a loop of Uloop. */
    private static final class OfUloop implements Batch {
        private final Uloop loop;
        private final int turns;
        private int handled;

        OfUloop(Uloop loop, int descriptors, int turns) throws IOException {
            this.loop = loop;
            this.turns = turns;
            for (int fd = 0; fd < descriptors; fd++) {
                loop.add(fd, UEvent.IN, (ready, events) -> handled++);
            }
        }

        @Override
        public int run() throws IOException {
            handled = 0;
            for (int i = 0; i < turns; i++) {
                loop.runOnce(0);
            }
            return handled;
        }

        @Override
        public void close() {
            loop.close();
        }
    }

    /** Handles on a loop of Netty, whose I/O handler finds each of them ready. */
    private static final class OfNetty implements Batch {
        private final ManualIoEventLoop loop;
        private final int turns;
        private int handled;

        OfNetty(int handles, int turns) {
            this.turns = turns;
            loop =
                    new ManualIoEventLoop(
                            Thread.currentThread(), executor -> new ReadyHandler(handles));
            for (int i = 0; i < handles; i++) {
                var unused = loop.register(new Counted());
            }
        }

        @Override
        public int run() {
            handled = 0;
            for (int i = 0; i < turns; i++) {
                loop.runNow();
            }
            return handled;
        }

        @Override
        public void close() {
            NettyLoops.close(loop);
        }

        private final class Counted implements IoHandle {
            @Override
            public void handle(IoRegistration registration, IoEvent event) {
                handled++;
            }

            @Override
            public void close() {}
        }
    }

    /** Passes an event to each handle in each run. */
    private static final class ReadyHandler implements IoHandler, IoEvent {
        private final Registration[] registrations;
        private int count;

        ReadyHandler(int handles) {
            registrations = new Registration[handles];
        }

        @Override
        public int run(IoHandlerContext context) {
            for (int i = 0; i < count; i++) {
                registrations[i].handle.handle(registrations[i], this);
            }
            return count;
        }

        @Override
        public IoRegistration register(IoHandle handle) {
            registrations[count] = new Registration(handle);
            return registrations[count++];
        }

        @Override
        public void wakeup() {}

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
            return true;
        }
    }

    /** A handle that stays registered. */
    private record Registration(IoHandle handle) implements IoRegistration {
        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // declared so by Netty
        public <T> T attachment() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long submit(IoOps interest) {
            return 0;
        }

        @Override
        public boolean isValid() {
            return true;
        }

        @Override
        public boolean cancel() {
            return false;
        }
    }
}
