package io.uloop.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.Uloop;
import io.uloop.poller.tck.ChildJava;
import io.uloop.process.ChildCommand;
import io.uloop.process.ChildProcess;
import io.uloop.source.InputHandler;
import io.uloop.source.Pty;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Runs a program in a terminal, types, and reads what it shows. */
final class TerminalUser implements InputHandler, AutoCloseable {
    private final Uloop loop = Uloop.open();
    private final StringBuilder screen = new StringBuilder();
    private final Pty pty;
    private final ChildProcess program;
    private int status = -1;

    TerminalUser(Class<?> example) throws IOException {
        pty = Pty.open(loop, this);
        pty.setCooked();
        pty.setWindowSize(33, 99);
        program =
                new ChildCommand(ChildJava.of(example).builder())
                        .terminal(pty)
                        .start(loop, (process, ended) -> status = ended);
    }

    @Override
    public void received(ByteBuffer bytes) {
        screen.append(StandardCharsets.US_ASCII.decode(bytes));
    }

    @Override
    public void ended() {}

    String screen() {
        return screen.toString();
    }

    void type(String keys) throws IOException {
        pty.write(StandardCharsets.US_ASCII.encode(keys));
    }

    /** Waits until a text appears. */
    void await(String text) throws IOException {
        long start = System.nanoTime();
        while (screen.indexOf(text) < 0) {
            assertThat(System.nanoTime() - start)
                    .as("time for " + text + " in " + screen)
                    .isLessThan(ChildJava.DEADLINE.toNanos());
            loop.runOnce(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    int status() throws IOException {
        while (status < 0) {
            loop.runOnce(TimeUnit.MILLISECONDS.toNanos(50));
        }
        return status;
    }

    @Override
    public void close() throws IOException {
        pty.close(); // which hangs up the program
        program.process().destroyForcibly();
        program.close();
        loop.close();
    }
}
