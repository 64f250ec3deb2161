package io.uloop.terminal;

import io.uloop.Uloop;
import io.uloop.poller.WindowSize;
import io.uloop.source.InputHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Changes its controlling terminal as the keys say: c for cooked mode, e for an exit without a
 * close, l for a late change while the JVM exits. Reports the window size. The argument is the
 * backend.
 */
final class TerminalProgram implements InputHandler {
    private final Uloop loop;
    private final Terminal terminal;

    private TerminalProgram(Uloop loop) throws IOException {
        this.loop = loop;
        terminal = Terminal.open(loop, this);
    }

    public static void main(String[] arguments) throws IOException {
        try (Uloop loop = Uloop.builder().poller(arguments[0]).build()) {
            TerminalProgram program = new TerminalProgram(loop);
            program.terminal.onResize(size -> program.print("resized", size));
            program.print("ready", program.terminal.size());
            loop.run();
        }
    }

    private void print(String what, WindowSize size) throws IOException {
        String line = what + " " + size.rows() + " " + size.columns() + "\n";
        terminal.write(StandardCharsets.US_ASCII.encode(line));
    }

    @Override
    public void received(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            switch (bytes.get()) {
                case 'c' -> {
                    terminal.setCooked();
                    print("cooked", terminal.size());
                }
                case 'e' -> System.exit(3);
                case 'l' -> {
                    SavedModes.restoreAll(); // as at an exit, which another thread has begun
                    terminal.setCooked();
                    Runtime.getRuntime().halt(3); // not by this thread's exit, which restores again
                }
                default -> {}
            }
        }
    }

    @Override
    public void ended() {
        loop.stop();
    }
}
