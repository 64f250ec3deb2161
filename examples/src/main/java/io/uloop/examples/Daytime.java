package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Answers any input with the current time. Try it: {@code nc 127.0.0.1 3333}. */
final class Daytime {
    private static final ByteBuffer INPUT = ByteBuffer.allocateDirect(1024);

    private Daytime() {}

    public static void main(String[] arguments) throws IOException {
        int port = Integer.getInteger("port", 3333);
        try (Uloop loop = Uloop.open();
                TcpListener listener =
                        TcpListener.open(loop, new InetSocketAddress("localhost", port))) {
            listener.register(client -> client.register(UEvent.IN, (fd, events) -> answer(client)));
            System.out.println("listening on " + listener.getLocalAddress());
            loop.run();
        }
    }

    private static void answer(TcpChannel client) throws IOException {
        if (client.read(INPUT.clear()) < 0) {
            client.close();
        } else {
            String now = Instant.now() + "\n";
            client.write(ByteBuffer.wrap(now.getBytes(StandardCharsets.UTF_8)));
        }
    }
}
