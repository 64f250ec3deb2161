package io.uloop.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.uloop.poller.UEvent;
import io.uloop.stream.Input;
import io.uloop.stream.Receiver;
import io.uloop.stream.Source;
import io.uloop.stream.StreamPump;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Tests blocking streams on a loop. */
class StreamPumpTest extends EachSource {
    private static final String THREAD = "pump of the test";
    private static final int MOST_AHEAD = 1 << 20;

    /** Returns bytes forever and counts them. */
    private static final class Endless extends InputStream {
        final AtomicLong given = new AtomicLong();

        @Override
        public int read() {
            given.incrementAndGet();
            return 'x';
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            given.addAndGet(length);
            return length;
        }
    }

    /** Fails each read. */
    private static final class Torn extends InputStream {
        @Override
        public int read() throws IOException {
            throw new IOException("torn");
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return read();
        }
    }

    /** Throws an unchecked exception. */
    private static final class Wrong extends InputStream {
        @Override
        public int read() {
            throw new IllegalStateException("no stream at all");
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            return read();
        }
    }

    private Source source;

    private void start(InputStream stream) throws IOException {
        StreamPump pump =
                new StreamPump(
                        stream,
                        new Receiver(received::received, received::ended, received::failed));
        source = pump.start(loop, StandardInput.class, THREAD);
        closing(source::close);
        Input input = new Input(pump.receiver());
        source.register(UEvent.IN, (fd, events) -> input.read(source, null));
    }

    private static boolean isCopying() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals(THREAD));
    }

    @Test
    void wholeStreamArrivesAndThenItsEnd() throws IOException {
        String text = "0123456789".repeat(100_000);
        start(new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)));
        runUntil(() -> received.ends > 0);
        assertThat(received.toString().equals(text)).isTrue();
        assertThat(loop.toString()).contains("descriptors=0");
        await().until(() -> !isCopying());
    }

    @Test
    void failedStreamIsNotAnEnd() throws IOException {
        start(new Torn());
        runUntil(() -> !received.failures.isEmpty());
        assertThat(received.failures).singleElement().asString().contains("torn");
        assertThat(received.ends).isZero();
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void streamThrowingUncheckedExceptionIsNotAnEnd() throws IOException {
        start(new Wrong());
        runUntil(() -> !received.failures.isEmpty());
        assertThat(received.failures)
                .singleElement()
                .satisfies(e -> assertThat(e).hasRootCauseMessage("no stream at all"));
        assertThat(received.ends).isZero();
        await("the thread ends").until(() -> !isCopying());
    }

    @Test
    void pausedLoopBlocksTheStreamUntilResumeOrClose() throws Exception {
        Endless stream = new Endless();
        start(stream);
        assertThat(isCopying()).isTrue();
        runUntil(() -> received.text.length() > 0);
        source.deregister();
        long[] former = {-1};
        await("the thread waits")
                .until(
                        () -> {
                            long given = stream.given.get();
                            boolean still = given == former[0];
                            former[0] = given;
                            return still;
                        });
        assertThat(former[0] - received.text.length()).isLessThan(MOST_AHEAD);
        source.close();
        await("the thread ends").until(() -> !isCopying());
        assertThat(received.ends).isZero();
        assertThat(received.failures).isEmpty();
    }
}
