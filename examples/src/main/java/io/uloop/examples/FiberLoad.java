package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.fiber.FiberSocket;
import io.uloop.fiber.Fibers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/**
 * Loads an echo server with thousands of connections at once and reports every second. Start {@code
 * FiberEcho} first.
 */
final class FiberLoad {
    private static final int CONNECTIONS = Integer.getInteger("connections", 5000);
    private static final int SECONDS = Integer.getInteger("seconds", 10);

    private final LongAdder open = new LongAdder();
    private final LongAdder answers = new LongAdder();
    private volatile boolean over;

    private FiberLoad() {}

    public static void main(String[] arguments) throws IOException {
        InetSocketAddress server =
                new InetSocketAddress("localhost", Integer.getInteger("port", 7000));
        FiberLoad load = new FiberLoad();
        try (Uloop loop = Uloop.open()) {
            Fibers fibers = Fibers.on(loop);
            for (int i = 0; i < CONNECTIONS; i++) {
                fibers.start("client " + i, () -> load.ask(fibers, server));
            }
            fibers.start("report", () -> load.report(fibers));
            fibers.run();
        }
    }

    private void ask(Fibers fibers, InetSocketAddress server) throws IOException {
        try (FiberSocket socket = FiberSocket.connect(fibers, server)) {
            open.increment();
            ByteBuffer message = ByteBuffer.allocateDirect(64);
            while (!over) {
                socket.write(message.clear());
                socket.readFully(message.clear());
                answers.increment();
            }
        } finally {
            open.decrement();
        }
    }

    private void report(Fibers fibers) throws InterruptedException {
        for (int second = 1; second <= SECONDS; second++) {
            fibers.sleep(Duration.ofSeconds(1));
            System.out.println(open + " connections, " + answers.sumThenReset() + " answers");
        }
        over = true;
    }
}
