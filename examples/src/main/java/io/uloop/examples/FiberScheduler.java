package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.fiber.Fiber;
import io.uloop.fiber.FiberTask;
import io.uloop.fiber.Fibers;
import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;

/**
 * A scheduler of tasks that await events: accept, read and write. It runs until no task is left.
 * The server is one task, and each client is another.
 */
final class FiberScheduler {
    private final Fibers fibers;
    private final Descriptors io;

    private FiberScheduler(Uloop loop) {
        fibers = Fibers.on(loop);
        io = loop.descriptors();
    }

    public static void main(String[] arguments) throws Exception {
        int port = Integer.getInteger("port", 8888);
        int clients = Integer.getInteger("clients", Integer.MAX_VALUE);
        try (Uloop loop = Uloop.open()) {
            FiberScheduler scheduler = new FiberScheduler(loop);
            int listener = scheduler.io.openListener(StandardProtocolFamily.INET);
            scheduler.io.listen(listener, new InetSocketAddress("localhost", port), 128);
            System.out.println("listening on " + scheduler.io.localAddress(listener));
            Fiber<Integer> server = scheduler.submit(() -> scheduler.serve(listener, clients));
            scheduler.fibers.run();
            System.out.println("no task is left after " + server.join() + " clients");
        }
    }

    /** What a task awaits, and what it can then do without waiting. */
    private record Event<T>(int fd, int events, Callable<T> operation) {}

    private Event<Integer> accept(int listener) {
        return new Event<>(listener, UEvent.IN, () -> io.accept(listener));
    }

    private Event<Integer> read(int fd, ByteBuffer buffer) {
        return new Event<>(fd, UEvent.IN, () -> io.read(fd, buffer.clear()));
    }

    private Event<Integer> write(int fd, ByteBuffer buffer) {
        return new Event<>(fd, UEvent.OUT, () -> io.write(fd, buffer));
    }

    private <T> T await(Event<T> event) throws Exception {
        fibers.awaitReady(event.fd(), event.events()); // meanwhile, other tasks run
        return event.operation().call();
    }

    private <T> Fiber<T> submit(Callable<T> task) {
        return fibers.start("task", task);
    }

    private void callSoon(FiberTask task) {
        fibers.start("task", task);
    }

    private int serve(int listener, int clients) throws Exception {
        for (int i = 0; i < clients; i++) {
            int client = await(accept(listener));
            System.out.println("connection from " + io.remoteAddress(client));
            callSoon(() -> handle(client));
        }
        io.close(listener);
        return clients;
    }

    private void handle(int client) throws Exception {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1024);
        try {
            while (await(read(client, buffer)) >= 0) {
                System.out.println(StandardCharsets.UTF_8.decode(buffer.flip().duplicate()));
                while (buffer.hasRemaining()) {
                    await(write(client, buffer));
                }
            }
        } catch (IOException e) {
            System.out.println("lost: " + e.getMessage());
        } finally {
            io.close(client);
        }
    }
}
