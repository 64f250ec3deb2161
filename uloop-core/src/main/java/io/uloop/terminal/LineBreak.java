package io.uloop.terminal;

import io.uloop.LoopTask;
import io.uloop.Timer;
import io.uloop.Uloop;
import io.uloop.poller.NativeTerminals;
import java.io.IOException;
import java.time.Duration;

/**
 * A break of a serial line. It starts when earlier output has been sent, for which the kernel would
 * block, and ends after its duration.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class LineBreak implements LoopTask {
    private static final Duration LOOK = Duration.ofMillis(1);

    private final Line line;
    private final Duration duration;
    private final LoopTask whenEnded;
    private final Timer timer;
    private boolean started;

    private LineBreak(Uloop loop, Line line, Duration duration, LoopTask whenEnded) {
        this.line = line;
        this.duration = duration;
        this.whenEnded = whenEnded;
        timer = loop.callLater(Duration.ZERO, this);
    }

    /** Starts a break soon. Fails at once if the device has none. */
    static LineBreak start(Uloop loop, Line line, Duration duration, LoopTask whenEnded)
            throws IOException {
        line.apply((terminals, fd) -> terminals.setBreak(fd, false)); // ends a former one, too
        return new LineBreak(loop, line, duration, whenEnded);
    }

    @Override
    public void run() throws Exception {
        if (started) {
            line.endBreak();
            whenEnded.run();
        } else if (line.read(NativeTerminals::isOutputSent)) {
            line.startBreak();
            started = true;
            timer.reschedule(duration);
        } else {
            timer.reschedule(LOOK);
        }
    }

    void cancel() {
        timer.close();
    }
}
