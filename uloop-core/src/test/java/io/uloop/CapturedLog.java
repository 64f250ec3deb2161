package io.uloop;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Captures the records of one logger and keeps them off the console until it is closed. */
public final class CapturedLog implements AutoCloseable {
    private static final String SUMMARIZER = "uloop-log-summary";

    private final List<LogRecord> records = new CopyOnWriteArrayList<>();
    private final Logger logger;
    private final boolean summaries;
    private volatile Consumer<LogRecord> onRecord = record -> {};
    private final Handler handler =
            new Handler() {
                @Override
                public void publish(LogRecord record) {
                    // Another test's failures are summed up half a minute later, in any test.
                    if (!summaries && Thread.currentThread().getName().equals(SUMMARIZER)) {
                        return;
                    }
                    records.add(record);
                    onRecord.accept(record);
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };

    /**
     * Starts to capture, without the summaries of limited logs.
     *
     * @param name the logger's name
     */
    public CapturedLog(String name) {
        this(name, false);
    }

    /**
     * Starts to capture.
     *
     * @param name the logger's name
     * @param summaries whether to capture the summaries of limited logs too
     */
    public CapturedLog(String name, boolean summaries) {
        this.summaries = summaries;
        logger = Logger.getLogger(name);
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
    }

    /**
     * Sets an action for each further record, which may throw to simulate a broken log.
     *
     * @param action called on the thread that logs
     */
    public void onRecord(Consumer<LogRecord> action) {
        onRecord = action;
    }

    /** {@return the messages so far, without their exceptions} */
    public List<String> messages() {
        return records.stream().map(LogRecord::getMessage).toList();
    }

    /** {@return the records so far} */
    public List<LogRecord> records() {
        return records;
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
    }
}
