package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.process.Exits;
import io.uloop.source.InputHandler;
import io.uloop.source.Pty;
import io.uloop.source.StandardInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Runs a shell in a pseudo-terminal and connects it to standard input and output. */
final class Shell {
    private final Pty terminal;
    private final StandardInput input;

    private Shell(Uloop loop) throws IOException {
        terminal = Pty.open(loop, new FromShell());
        input = StandardInput.open(loop, new ToShell());
    }

    public static void main(String[] arguments) throws IOException {
        try (Uloop loop = Uloop.builder().alwaysReadyFiles(true).build()) { // input may be a file
            Shell shell = new Shell(loop);
            shell.terminal.setWindowSize(24, 80);
            // setsid starts a session. Its controlling terminal is the one that it opens first.
            String command = "exec sh -i <>" + shell.terminal.slave() + " >&0 2>&0";
            Process process = new ProcessBuilder("setsid", "-w", "sh", "-c", command).start();
            Exits.on(loop, process, (child, status) -> shell.terminal.releaseSlave());
            loop.runUntilIdle(); // returns when the shell has ended and all output is printed
            shell.terminal.close();
            shell.input.close();
        }
    }

    private void write(ByteBuffer bytes) throws IOException {
        terminal.write(bytes);
        if (bytes.hasRemaining()) { // the shell is busy
            ByteBuffer rest = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
            input.pause();
            terminal.awaitWritable(() -> write(rest));
        } else {
            input.resume();
        }
    }

    private final class ToShell implements InputHandler {
        @Override
        public void received(ByteBuffer bytes) throws IOException {
            write(bytes);
        }

        @Override
        public void ended() throws IOException {
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
        public void ended() throws IOException {
            input.close(); // the shell is gone, so nobody reads further input
        }
    }
}
