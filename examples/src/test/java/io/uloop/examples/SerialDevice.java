package io.uloop.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.Uloop;
import io.uloop.source.InputHandler;
import io.uloop.source.Pty;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;

/** The device on the other end of a serial line, which answers ATI with its model. */
final class SerialDevice implements InputHandler, AutoCloseable {
    private final Uloop loop = Uloop.open();
    private final Pty terminal;
    private final StringBuilder unanswered = new StringBuilder();

    SerialDevice() throws IOException {
        terminal = Pty.open(loop, this);
    }

    /** {@return the path of the line} */
    String path() {
        return terminal.slave().toString();
    }

    /** Answers until a call returns, which another thread makes. */
    <T> T serveUntil(Callable<T> call) throws IOException, ExecutionException {
        return loop.runUntil(loop.callIn(ForkJoinPool.commonPool(), call));
    }

    @Override
    public void received(ByteBuffer bytes) throws IOException {
        unanswered.append(US_ASCII.decode(bytes)); // any number of questions, the last in part
        for (int end; (end = unanswered.indexOf("\r")) >= 0; unanswered.delete(0, end + 1)) {
            assertThat(unanswered.substring(0, end)).isEqualTo("ATI");
            terminal.write(ByteBuffer.wrap("model 7\n".getBytes(US_ASCII)));
        }
    }

    @Override
    public void ended() {}

    @Override
    public void close() throws IOException {
        terminal.close();
        loop.close();
    }
}
