package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.fiber.FiberListener;
import io.uloop.fiber.FiberSocket;
import io.uloop.fiber.Fibers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** An echo server in straight-line code. Try it: {@code nc 127.0.0.1 7000}. */
final class FiberEcho {
    private FiberEcho() {}

    public static void main(String[] arguments) throws IOException {
        InetSocketAddress local =
                new InetSocketAddress("localhost", Integer.getInteger("port", 7000));
        try (Uloop loop = Uloop.open()) {
            Fibers fibers = Fibers.on(loop);
            FiberListener listener = FiberListener.open(fibers, local);
            System.out.println("listening on " + listener.getLocalAddress());
            fibers.start("listener", () -> serve(fibers, listener));
            fibers.run();
        }
    }

    private static void serve(Fibers fibers, FiberListener listener) throws IOException {
        while (true) {
            FiberSocket client = listener.accept();
            fibers.start("client " + client.channel().getRemoteAddress(), () -> echo(client));
        }
    }

    private static void echo(FiberSocket client) throws IOException {
        try (client) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(1024);
            while (client.read(buffer.clear()) >= 0) {
                client.write(buffer.flip()); // waits while the client does not read
            }
        }
    }
}
