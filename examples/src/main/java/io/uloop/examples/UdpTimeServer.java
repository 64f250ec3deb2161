package io.uloop.examples;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Answers each datagram with the current time, using a descriptor and one handler only. */
final class UdpTimeServer implements EventHandler {
    private final Uloop loop;
    private final Descriptors io;
    private final ByteBuffer message = ByteBuffer.allocate(1024);
    private @Nullable SocketAddress client;

    private UdpTimeServer(Uloop loop) {
        this.loop = loop;
        io = loop.descriptors();
    }

    public static void main(String[] arguments) throws IOException {
        int port = Integer.getInteger("port", 3333);
        try (Uloop loop = Uloop.open()) {
            int fd = loop.descriptors().openDatagram(StandardProtocolFamily.INET);
            loop.descriptors().bind(fd, new InetSocketAddress("localhost", port));
            System.out.println("listening on " + loop.descriptors().localAddress(fd));
            loop.add(fd, UEvent.IN, new UdpTimeServer(loop));
            loop.run();
        }
    }

    @Override
    public void processEvent(int fd, int events) throws IOException {
        if ((events & UEvent.IN) != 0) {
            read(fd);
        } else if ((events & UEvent.OUT) != 0) {
            write(fd);
        }
    }

    private void read(int fd) throws IOException {
        client = io.receive(fd, message.clear());
        if (client != null) {
            loop.modify(fd, UEvent.OUT);
        }
    }

    private void write(int fd) throws IOException {
        if (client != null) {
            String now = Instant.now() + "\n";
            io.send(fd, ByteBuffer.wrap(now.getBytes(StandardCharsets.US_ASCII)), client);
        }
        loop.modify(fd, UEvent.IN);
    }
}
