package io.uloop.examples;

import io.uloop.EmbeddedLoop;
import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.BitSet;

/** Runs a loop inside a hand-written loop around a poller, which waits for both. */
final class LoopInPoller {
    private LoopInPoller() {}

    public static void main(String[] arguments) throws IOException {
        PollerProvider backend = Pollers.provider();
        Descriptors io = backend.descriptors();
        Descriptors.Pipe pipe = io.pipe();
        ByteBuffer buffer = ByteBuffer.allocateDirect(64);
        try (Poller poller = backend.open();
                Uloop loop = Uloop.builder().poller(backend).build()) {
            EmbeddedLoop embedded = EmbeddedLoop.of(loop);
            poller.add(embedded.fd(), UEvent.IN);
            poller.add(pipe.readEnd(), UEvent.IN);

            ByteBuffer message = StandardCharsets.UTF_8.encode("a message of the loop");
            loop.callLater(Duration.ofMillis(20), () -> io.write(pipe.writeEnd(), message));
            loop.execute(() -> System.out.println("a task of the loop"));

            BitSet ready = new BitSet();
            while (loop.isOpen()) {
                poller.poll(embedded.timeoutNanos(), (fd, events) -> ready.set(fd));
                if (ready.get(pipe.readEnd())) {
                    io.read(pipe.readEnd(), buffer.clear());
                    System.out.println(StandardCharsets.UTF_8.decode(buffer.flip()));
                    loop.callSoon(loop::close);
                }
                ready.clear();
                embedded.run();
            }
        }
        io.close(pipe.readEnd());
        io.close(pipe.writeEnd());
    }
}
