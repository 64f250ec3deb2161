package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** A server that answers any input with the current time. */
final class Daytime {
    private static final ByteBuffer INPUT = ByteBuffer.allocateDirect(1024);

    private Daytime() {}

    public static void main(String[] arguments) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 3333);
        try (Uloop loop = Uloop.open();
                TcpListener listener = TcpListener.open(loop, address)) {
            listener.register(client -> client.register(UEvent.IN, (fd, events) -> answer(client)));
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
