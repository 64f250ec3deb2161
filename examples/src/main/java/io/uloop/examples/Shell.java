package io.uloop.examples;

import io.uloop.LoopTask;
import io.uloop.Uloop;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.WindowSize;
import io.uloop.process.ChildCommand;
import io.uloop.process.ChildProcess;
import io.uloop.source.InputHandler;
import io.uloop.source.Pty;
import io.uloop.source.StandardInput;
import io.uloop.terminal.Terminal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Runs a shell in a pseudo-terminal and passes it what is typed here, or the standard input if
 * there is no terminal. Ctrl-C and Ctrl-Z are for the jobs of the shell.
 */
final class Shell {
    private final Pty pty;
    private final AutoCloseable input;
    private final LoopTask pause;
    private final LoopTask resume;

    private Shell(Uloop loop) throws IOException {
        pty = Pty.open(loop, new FromShell());
        pty.setCooked();
        if (!NativeDescriptors.of(loop.provider()).terminals().isTerminal(0)) {
            pty.setWindowSize(24, 80);
            StandardInput stdin = StandardInput.open(loop, new ToShell());
            input = stdin;
            pause = stdin::pause;
            resume = stdin::resume;
        } else {
            Terminal terminal = Terminal.open(loop, new ToShell());
            terminal.setRaw(); // until it is closed
            resize(terminal.size());
            terminal.onResize(this::resize);
            input = terminal;
            pause = terminal::pause;
            resume = terminal::resume;
        }
    }

    public static void main(String[] arguments) throws Exception {
        try (Uloop loop = Uloop.builder().alwaysReadyFiles(true).build()) { // input may be a file
            Shell shell = new Shell(loop);
            ChildCommand command = new ChildCommand("sh", "-i").terminal(shell.pty);
            ChildProcess child = command.start(loop, (process, status) -> {});
            loop.runUntilIdle(); // returns when the shell has ended and all output is printed
            child.close();
            shell.pty.close();
        }
    }

    private void resize(WindowSize size) throws IOException {
        pty.setWindowSize(size.rows(), size.columns());
    }

    private void write(ByteBuffer bytes) throws Exception {
        pty.write(bytes);
        if (bytes.hasRemaining()) { // the shell is busy
            ByteBuffer rest = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
            pause.run();
            pty.awaitWritable(() -> write(rest));
        } else {
            resume.run();
        }
    }

    private final class ToShell implements InputHandler {
        @Override
        public void received(ByteBuffer bytes) throws Exception {
            write(bytes);
        }

        @Override
        public void ended() throws Exception {
            write(ByteBuffer.wrap("exit\n".getBytes(StandardCharsets.US_ASCII)));
        }
    }

    private final class FromShell implements InputHandler {
        @Override
        public void received(ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            System.out.write(copy, 0, copy.length);
            System.out.flush();
        }

        @Override
        public void ended() throws Exception {
            input.close(); // the shell is gone, so nobody reads further input
        }
    }
}
