package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.net.UdpChannel;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/** Sends each datagram back to its sender. Try it: {@code nc -u 127.0.0.1 7000}. */
final class UdpEcho {
    private static final int LONGEST_DATAGRAM = 65_535;
    private static final int DATAGRAMS_PER_EVENT = 64;

    private static final ByteBuffer DATAGRAM = ByteBuffer.allocateDirect(LONGEST_DATAGRAM);

    private UdpEcho() {}

    public static void main(String[] arguments) throws IOException {
        int port = Integer.getInteger("port", 7000);
        try (Uloop loop = Uloop.open();
                UdpChannel channel =
                        UdpChannel.open(loop, new InetSocketAddress("localhost", port))) {
            channel.register(UEvent.IN, (fd, events) -> echo(channel));
            System.out.println("listening on " + channel.getLocalAddress());
            loop.run();
        }
    }

    /** Echoes the waiting datagrams, but lets other handlers run after some of them. */
    private static void echo(UdpChannel channel) throws IOException {
        for (int i = 0; i < DATAGRAMS_PER_EVENT; i++) {
            SocketAddress sender = channel.receive(DATAGRAM.clear());
            if (sender == null) {
                return;
            }
            channel.send(DATAGRAM.flip(), sender); // 0 if the send buffer is full; UDP may lose it
        }
    }
}
