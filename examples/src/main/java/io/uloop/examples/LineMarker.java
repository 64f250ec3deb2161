package io.uloop.examples;

import io.uloop.source.InputHandler;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Prints what comes in by whole lines, each behind a mark. */
final class LineMarker implements InputHandler {
    /** A longer line is printed as several. */
    private static final int MAX_LINE_BYTES = 64 * 1024;

    private final String mark;
    private final PrintWriter target;
    private final Runnable atEnd;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    /**
     * @param atEnd called when nothing more comes
     */
    LineMarker(String mark, PrintWriter target, Runnable atEnd) {
        this.mark = mark;
        this.target = target;
        this.atEnd = atEnd;
    }

    @Override
    public void received(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            if (next == '\n') {
                print();
                continue;
            }
            line.write(next);
            if (line.size() == MAX_LINE_BYTES) {
                print();
            }
        }
        target.flush();
    }

    @Override
    public void ended() {
        flush();
        atEnd.run();
    }

    /** Prints a line that has no end. */
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
