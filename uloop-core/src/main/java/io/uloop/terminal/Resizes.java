package io.uloop.terminal;

import io.uloop.Handle;
import io.uloop.Timer;
import io.uloop.Uloop;
import io.uloop.poller.WindowSize;
import io.uloop.process.Signals;
import java.io.IOException;
import java.time.Duration;

/**
 * Notices changes of one terminal's window size. The kernel sends SIGWINCH to the foreground
 * processes whose controlling terminal it is. For other terminals, or without the module
 * jdk.unsupported, a timer looks.
 */
final class Resizes implements Handle {
    private static final Duration LOOK = Duration.ofMillis(250);

    private final Line line;
    private final ResizeHandler handler;
    private final Handle notification;
    private WindowSize last;

    Resizes(Uloop loop, Line line, ResizeHandler handler) throws IOException {
        this.line = line;
        this.handler = handler;
        last = size();
        notification = notification(loop);
    }

    private WindowSize size() throws IOException {
        return line.read((terminals, fd) -> terminals.windowSize(fd));
    }

    private Handle notification(Uloop loop) throws IOException {
        if (line.read((terminals, fd) -> terminals.isControlling(fd))) {
            try {
                return Signals.on(loop, "WINCH", signal -> look());
            } catch (UnsupportedOperationException e) {
                // The JVM has no signals.
            }
        }
        Timer timer = loop.callEvery(LOOK, this::look);
        return timer.unref();
    }

    private void look() throws Exception {
        if (!line.source().isOpen()) {
            close();
            return;
        }
        WindowSize now;
        try {
            now = size();
        } catch (IOException e) {
            close(); // it would fail again; a hang-up also ends the stream, which reports it
            return;
        }
        if (!now.equals(last)) {
            last = now;
            handler.resized(now);
        }
    }

    @Override
    public void close() {
        notification.close();
    }
}
