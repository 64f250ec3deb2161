package io.uloop.cli;

import io.uloop.Uloop;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.WindowSize;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/**
 * Shows lines that change: in place on a terminal, one below the other elsewhere. Restores the
 * terminal when it is closed. Thread-safe.
 */
final class TopScreen implements AutoCloseable {
    private static final int STANDARD_OUTPUT = 1;
    private static final int USUAL_ROWS = 24;

    /** Another screen, no cursor, and long lines are cut instead of wrapped. */
    private static final String ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l";

    private static final String LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String CLEAR_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";

    private final Uloop loop;
    private final PrintWriter out;
    private final boolean terminal;
    private boolean entered;
    private boolean closed;

    /** Creates a screen on standard output. */
    TopScreen(Uloop loop, PrintWriter out) {
        this.loop = loop;
        this.out = out;
        terminal = rows() > 0;
    }

    /** Returns the height of the terminal; 0 if standard output is none. */
    private int rows() {
        try {
            WindowSize size =
                    NativeDescriptors.of(loop.provider()).terminals().windowSize(STANDARD_OUTPUT);
            return size.rows() > 0 ? size.rows() : USUAL_ROWS;
        } catch (IOException | UnsupportedOperationException e) { // no terminal, or unknown
            return 0;
        }
    }

    /**
     * Shows lines instead of the previous ones.
     *
     * @throws IOException if nobody reads the output any more
     */
    synchronized void show(List<String> lines) throws IOException {
        if (closed) {
            return;
        }
        if (terminal) {
            out.print(entered ? HOME : ENTER + HOME);
            entered = true;
            lines.stream()
                    .limit(Math.max(1, rows() - 1))
                    .forEach(line -> out.print(line + CLEAR_LINE + "\n"));
            out.print(CLEAR_BELOW);
        } else {
            lines.forEach(out::println);
            out.println();
        }
        if (out.checkError()) {
            throw new IOException("cannot write to standard output");
        }
    }

    @Override
    public synchronized void close() {
        if (entered && !closed) {
            out.print(LEAVE);
            out.flush();
        }
        closed = true;
    }
}
