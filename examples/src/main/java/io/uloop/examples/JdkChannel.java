package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;

/**
 * Watches a channel of the JDK, which a blocking thread feeds. Native backends need {@code
 * --add-exports java.base/sun.nio.ch=ALL-UNNAMED}; the backend select ({@code
 * -Duloop.poller=select}) does not.
 */
final class JdkChannel {
    private static final ByteBuffer INPUT = ByteBuffer.allocateDirect(1024);

    private JdkChannel() {}

    public static void main(String[] arguments) throws IOException {
        Pipe pipe = Pipe.open();
        try (Uloop loop = Uloop.open();
                Pipe.SourceChannel source = pipe.source()) {
            source.configureBlocking(false);
            loop.add(source, UEvent.IN, (fd, events) -> read(loop, source));
            new Thread(() -> work(pipe.sink()), "worker").start();
            loop.run();
        }
    }

    private static void work(Pipe.SinkChannel sink) {
        try (sink) {
            for (int i = 1; i <= 3; i++) {
                Thread.sleep(100); // blocking work
                String result = "result " + i + "\n";
                sink.write(ByteBuffer.wrap(result.getBytes(StandardCharsets.UTF_8)));
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void read(Uloop loop, Pipe.SourceChannel source) throws IOException {
        if (source.read(INPUT.clear()) < 0) {
            loop.stop();
        } else {
            System.out.print(StandardCharsets.UTF_8.decode(INPUT.flip()));
        }
    }
}
