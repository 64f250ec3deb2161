package io.uloop.cli;

import io.uloop.source.InputHandler;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Prints input line by line, each line with a prefix. */
final class LineMarker implements InputHandler {
    /** Longer lines are split. */
    private static final int MAX_LINE_BYTES = 64 * 1024;

    private final String mark;
    private final PrintWriter target;
    private final Runnable atEnd;
    private final Runnable atLoss;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long bytes;
    private boolean lost;

    /**
     * @param atEnd called at the end of the input
     * @param atLoss called once if the target can no longer be written to
     */
    LineMarker(String mark, PrintWriter target, Runnable atEnd, Runnable atLoss) {
        this.mark = mark;
        this.target = target;
        this.atEnd = atEnd;
        this.atLoss = atLoss;
    }

    @Override
    public void received(ByteBuffer data) {
        bytes += data.remaining();
        while (data.hasRemaining()) {
            byte next = data.get();
            if (next == '\n') {
                print();
                continue;
            }
            line.write(next);
            if (line.size() == MAX_LINE_BYTES) {
                print();
            }
        }
        if (target.checkError() && !lost) { // checkError also flushes
            lost = true;
            atLoss.run();
        }
    }

    /** {@return the number of bytes received} */
    long bytes() {
        return bytes;
    }

    @Override
    public void ended() {
        flush();
        atEnd.run();
    }

    /** Prints a last line that has no line feed. */
    void flush() {
        if (line.size() > 0) {
            print();
        }
        target.flush();
    }

    private void print() {
        target.print(mark + line.toString(StandardCharsets.UTF_8) + '\n');
        line.reset();
    }
}
