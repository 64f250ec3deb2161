package io.uloop.fiber;

import io.uloop.internal.LoopAccess;
import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;

/** Waits of the fuzzer that move no bytes: short ones, and those that only a cancellation ends. */
final class WaitSession {
    private static final Duration FOREVER = Duration.ofDays(1);

    private final FuzzedFiber main;
    private final SplittableRandom random;

    private WaitSession(FuzzedFiber main) {
        this.main = main;
        random = main.random();
    }

    static void run(FuzzedFiber main) throws Exception {
        new WaitSession(main).run();
    }

    private void run() throws Exception {
        for (int i = 0; i < 8; i++) {
            switch (random.nextInt(7)) {
                case 0 -> sleep();
                case 1 -> join();
                case 2 -> awaitReady();
                case 3 -> waitForever();
                case 4 -> waitForeverForChannels();
                case 5 -> waitForeverInTheJdk();
                default -> joinInterrupted();
            }
        }
    }

    private void sleep() throws Exception {
        Duration time = main.micros();
        long start = System.nanoTime();
        Exception cancelled = main.attempt("sleep", () -> main.fibers().sleep(time));
        if (cancelled == null && System.nanoTime() - start < time.toNanos()) {
            throw new AssertionError("sleep was shorter than " + time);
        }
    }

    private void join() throws Exception {
        Integer value = random.nextInt();
        Duration time = main.micros();
        Fiber<Integer> other =
                main.fibers()
                        .start(
                                "joined",
                                () -> {
                                    main.fibers().sleep(time);
                                    return value;
                                });
        Exception cancelled;
        do {
            cancelled =
                    main.attemptQuick(
                            "join",
                            () -> {
                                if (!value.equals(other.join())) {
                                    throw new AssertionError("join returns another value");
                                }
                            });
        } while (cancelled != null);
    }

    private void joinInterrupted() throws Exception {
        Fiber<?> other = main.fibers().start("interrupted", () -> main.fibers().sleep(FOREVER));
        if (random.nextBoolean()) {
            main.attempt("sleep", () -> main.fibers().sleep(main.micros()));
        }
        other.interrupt();
        try {
            main.join(other);
            throw new AssertionError("the interrupt of a fiber is lost");
        } catch (ExecutionException e) {
            if (!Fiber.isInterruption(e.getCause()) && !FuzzedFiber.isEndOfLoop(e)) {
                throw e;
            }
        }
    }

    private void awaitReady() throws Exception {
        Descriptors io = main.loop().descriptors();
        Descriptors.Pipe pipe = io.pipe();
        try {
            Fiber<Void> writer = main.start("ready", self -> writeLater(self, pipe.writeEnd()));
            awaitReady(io, pipe.readEnd());
            main.join(writer);
        } finally {
            io.close(pipe.readEnd());
            io.close(pipe.writeEnd());
        }
    }

    private static void writeLater(FuzzedFiber self, int fd) throws Exception {
        self.attempt("sleep", () -> self.fibers().sleep(self.micros()));
        self.loop().descriptors().write(fd, ByteBuffer.allocateDirect(1));
    }

    private void awaitReady(Descriptors io, int fd) throws Exception {
        int[] events = {0};
        while (events[0] == 0) {
            boolean limited = random.nextBoolean();
            Duration time = main.micros();
            main.attempt(
                    "awaitReady",
                    () ->
                            events[0] =
                                    limited
                                            ? main.fibers().awaitReady(fd, UEvent.IN, time)
                                            : main.fibers().awaitReady(fd, UEvent.IN));
            requireUnregistered(fd);
        }
        if ((events[0] & UEvent.IN) == 0 || io.read(fd, ByteBuffer.allocateDirect(2)) != 1) {
            throw new AssertionError("ready without a byte: " + UEvent.toString(events[0]));
        }
    }

    private void requireUnregistered(int fd) {
        if (LoopAccess.of(main.loop()).isRegistered(fd)) {
            throw new AssertionError("descriptor " + fd + " is registered after its wait");
        }
    }

    private void waitForever() throws Exception {
        switch (random.nextInt(3)) {
            case 0 -> main.attemptForever("sleep", () -> main.fibers().sleep(FOREVER));
            case 1 -> {
                Fiber<?> other = main.fibers().start("idle", () -> main.fibers().sleep(FOREVER));
                try {
                    main.attemptForever("join", other::join);
                } finally {
                    other.interrupt();
                }
            }
            default -> {
                Descriptors io = main.loop().descriptors();
                Descriptors.Pipe pipe = io.pipe();
                try {
                    main.attemptForever(
                            "awaitReady",
                            () -> main.fibers().awaitReady(pipe.readEnd(), UEvent.IN));
                    requireUnregistered(pipe.readEnd());
                } finally {
                    io.close(pipe.readEnd());
                    io.close(pipe.writeEnd());
                }
            }
        }
    }

    private void waitForeverForChannels() throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        switch (random.nextInt(4)) {
            case 0 -> connectForever(any);
            case 1 -> {
                try (FiberListener listener = FiberListener.open(main.fibers(), any)) {
                    main.attemptForever("accept", listener::accept);
                    main.attemptForever("accept", listener::accept);
                }
            }
            case 2 -> {
                try (FiberDatagramSocket socket = FiberDatagramSocket.open(main.fibers(), any)) {
                    main.attemptForever("receive", () -> receiveNothing(socket));
                }
            }
            default -> {
                Descriptors.Pipe pipe = main.loop().descriptors().pipe();
                try (FiberDescriptor source = FiberDescriptor.adopt(main.fibers(), pipe.readEnd());
                        FiberDescriptor sink =
                                FiberDescriptor.adopt(main.fibers(), pipe.writeEnd())) {
                    main.attemptForever("read", () -> source.read(ByteBuffer.allocate(1)));
                    main.attemptForever("write", () -> writeEndlessly(sink));
                }
            }
        }
    }

    /** Connects to a listener whose backlog is full. */
    private void connectForever(InetSocketAddress any) throws Exception {
        Descriptors io = main.loop().descriptors();
        int fd = io.openListener(StandardProtocolFamily.INET);
        List<FiberSocket> open = new ArrayList<>();
        try {
            io.listen(fd, any, 1);
            SocketAddress address = io.localAddress(fd);
            main.attemptForever(
                    "connect",
                    () -> {
                        while (true) {
                            open.add(FiberSocket.connect(main.fibers(), address));
                        }
                    });
        } finally {
            for (FiberSocket each : open) {
                each.close();
            }
            io.close(fd);
        }
    }

    /** A datagram for the socket that had the port before may arrive. */
    private static void receiveNothing(FiberDatagramSocket socket) throws IOException {
        while (true) {
            socket.receive(ByteBuffer.allocate(1));
        }
    }

    private static void writeEndlessly(FiberDescriptor sink) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(1 << 16);
        while (true) {
            sink.write(data.clear());
        }
    }

    private void waitForeverInTheJdk() throws Exception {
        if (random.nextBoolean()) {
            main.attemptForever("BlockingQueue.take", new LinkedBlockingQueue<String>()::take);
        } else {
            main.attemptForever("Thread.sleep", () -> Thread.sleep(FOREVER.toMillis()));
        }
    }
}
