package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.fiber.Fiber;
import io.uloop.fiber.FiberSocket;
import io.uloop.fiber.Fibers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** Twenty clients of an echo server at once. Start {@code FiberEcho} first. */
final class FiberClients {
    private static final int CLIENTS = 20;

    private FiberClients() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        InetSocketAddress server =
                new InetSocketAddress("localhost", Integer.getInteger("port", 7000));
        try (Uloop loop = Uloop.open()) {
            Fibers fibers = Fibers.on(loop);
            List<Fiber<String>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(fibers.start("client " + i, () -> ask(fibers, server, "hello")));
            }
            fibers.start("report", () -> report(clients));
            fibers.run();
        }
    }

    private static String ask(Fibers fibers, InetSocketAddress server, String message)
            throws IOException {
        try (FiberSocket socket = FiberSocket.connect(fibers, server)) {
            ByteBuffer buffer = ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8));
            socket.write(buffer);
            socket.readFully(buffer.clear());
            return new String(buffer.array(), StandardCharsets.UTF_8);
        }
    }

    private static void report(List<Fiber<String>> clients) throws InterruptedException {
        for (Fiber<String> client : clients) {
            try {
                System.out.println("reply from server = " + client.join());
            } catch (ExecutionException e) {
                System.out.println(client.name() + " failed: " + e.getCause());
            }
        }
    }
}
