package io.uloop.observe;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A log of failures that a peer can cause at will. In each period it writes the first few failures,
 * one line each, and then one line with the number of omitted ones. If DEBUG is enabled, it also
 * writes every failure with its stack trace at that level. Thread-safe.
 */
public final class LimitedLog {
    private static final Duration PERIOD = Duration.ofSeconds(30);

    private final System.Logger logger;
    private final System.Logger.Level level;
    private final int linesPerPeriod;
    private final boolean stackTrace;
    private final Duration period;

    private boolean inPeriod; // guarded by this, as are the fields below
    private long periodEnds;
    private int lines;
    private long omitted;
    private boolean summarizing;
    private volatile String example = "";

    /**
     * Creates a log for one kind of failure.
     *
     * @param logger the destination
     * @param level the level of the lines
     * @param lines how many failures to write in 30 seconds, 1 or more
     * @param stackTrace whether the first of these lines includes a stack trace
     */
    public LimitedLog(
            System.Logger logger, System.Logger.Level level, int lines, boolean stackTrace) {
        this(logger, level, lines, stackTrace, PERIOD);
    }

    LimitedLog(
            System.Logger logger,
            System.Logger.Level level,
            int lines,
            boolean stackTrace,
            Duration period) {
        this.logger = logger;
        this.level = level;
        this.stackTrace = stackTrace;
        this.period = period;
        linesPerPeriod = lines;
    }

    /**
     * Logs a failure, or counts it if the period has used up its lines.
     *
     * @param message creates the line; called only if a line is written
     * @param failure the cause, or null
     */
    public void log(Supplier<String> message, @Nullable Throwable failure) {
        boolean debug = failure != null && logger.isLoggable(System.Logger.Level.DEBUG);
        int count = admit();
        boolean written = count <= linesPerPeriod;
        boolean traced = stackTrace && count == 1;
        String line = written || debug ? oneLine(message.get()) : "";
        if (written) {
            SafeLog.write(logger, level, line, traced ? failure : null);
        } else {
            omit(message);
        }
        if (debug && !traced) {
            SafeLog.write(logger, System.Logger.Level.DEBUG, line, failure);
        }
    }

    /** {@return the number of this failure in its period, from 1 on} */
    private synchronized int admit() {
        long now = System.nanoTime();
        if (!inPeriod || (now - periodEnds >= 0 && !summarizing)) {
            inPeriod = true;
            periodEnds = now + period.toNanos();
            lines = 0;
        }
        if (lines < Integer.MAX_VALUE) {
            lines++;
        }
        return lines;
    }

    private void omit(Supplier<String> message) {
        synchronized (this) {
            omitted++;
            if (summarizing) {
                return;
            }
            summarizing = true;
        }
        try {
            example = oneLine(message.get());
            Thread thread = new Thread(null, this::summarize, "uloop-log-summary", 0, false);
            thread.setDaemon(true);
            thread.start();
        } catch (OutOfMemoryError e) { // no thread could be created: a later failure tries again
            synchronized (this) {
                summarizing = false;
            }
        }
    }

    /** Waits for the end of the period, then logs the number of omitted failures. */
    private void summarize() {
        try {
            long left;
            synchronized (this) {
                left = periodEnds - System.nanoTime();
            }
            TimeUnit.NANOSECONDS.sleep(left);
        } catch (InterruptedException e) {
            // Nobody interrupts this thread. If so, the line comes early.
        }
        String line;
        synchronized (this) {
            line = omitted + " more within " + period + ", such as: " + example;
            omitted = 0;
            inPeriod = false;
            summarizing = false;
        }
        SafeLog.write(logger, level, line, null);
    }

    /**
     * Replaces control characters, so that a peer's text in an exception cannot imitate other log
     * lines.
     */
    private static String oneLine(String text) {
        StringBuilder line = null;
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                if (line == null) {
                    line = new StringBuilder(text);
                }
                line.setCharAt(i, ' ');
            }
        }
        return line == null ? text : line.toString();
    }
}
