package io.uloop.examples;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

/** Answers anything a client sends with the current time, using descriptors and handlers only. */
final class TimeServer implements EventHandler {
    private final Uloop loop;
    private final Descriptors io;

    private TimeServer(Uloop loop) {
        this.loop = loop;
        io = loop.descriptors();
    }

    public static void main(String[] arguments) throws IOException {
        int port = Integer.getInteger("port", 3333);
        try (Uloop loop = Uloop.open()) {
            int fd = loop.descriptors().openListener(StandardProtocolFamily.INET);
            loop.descriptors().listen(fd, new InetSocketAddress("localhost", port), 128);
            System.out.println("listening on " + loop.descriptors().localAddress(fd));
            loop.add(fd, UEvent.IN, new TimeServer(loop));
            loop.addPeriodic(Duration.ofSeconds(1), () -> System.out.println(Instant.now()));
            loop.run();
        }
    }

    @Override
    public void processEvent(int fd, int events) throws IOException {
        int client = io.accept(fd);
        if (client >= 0) { // otherwise it has given up
            loop.add(client, UEvent.IN, new ClientHandler());
        }
    }

    /** Reads a request, writes the answer, reads the next request. */
    private final class ClientHandler implements EventHandler {
        private final ByteBuffer buffer = ByteBuffer.allocate(1024);

        @Override
        public void processEvent(int fd, int events) throws IOException {
            if ((events & UEvent.HUP) != 0) {
                end(fd);
            } else if ((events & UEvent.IN) != 0) {
                read(fd);
            } else if ((events & UEvent.OUT) != 0) {
                write(fd);
            }
        }

        private void read(int fd) throws IOException {
            if (io.read(fd, buffer.clear()) < 0) {
                end(fd);
            } else {
                loop.modify(fd, UEvent.OUT);
            }
        }

        private void write(int fd) throws IOException {
            String now = Instant.now() + "\n";
            io.write(fd, ByteBuffer.wrap(now.getBytes(StandardCharsets.US_ASCII)));
            loop.modify(fd, UEvent.IN);
        }

        private void end(int fd) throws IOException {
            loop.remove(fd);
            io.close(fd);
        }
    }
}
