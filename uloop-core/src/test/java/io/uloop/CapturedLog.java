package io.uloop;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Captures the records of one logger and keeps them off the console until it is closed. */
public final class CapturedLog implements AutoCloseable {
    private final List<LogRecord> records = new CopyOnWriteArrayList<>();
    private final Logger logger;
    private final Predicate<LogRecord> ignored;
    private volatile Consumer<LogRecord> onRecord = record -> {};
    private final Handler handler =
            new Handler() {
                @Override
                public void publish(LogRecord record) {
                    if (ignored.test(record)) {
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
     * Starts to capture, without the records that another test may have caused.
     *
     * @param name the logger's name
     */
    public CapturedLog(String name) {
        this(name, record -> isSummary(record) || isForgotten(record));
    }

    /**
     * Starts to capture.
     *
     * @param name the logger's name
     * @param ignored tests, on the thread that logs, whether to leave out a record
     */
    public CapturedLog(String name, Predicate<LogRecord> ignored) {
        this.ignored = ignored;
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

    /**
     * Returns whether a record sums up the failures of a test that ended half a minute ago.
     *
     * @param record a record that this thread is logging
     * @return whether the record is a summary
     */
    public static boolean isSummary(LogRecord record) {
        return Thread.currentThread().getName().equals("uloop-log-summary");
    }

    /** Returns whether a record is about a channel that some test forgot to close. */
    private static boolean isForgotten(LogRecord record) {
        return String.valueOf(record.getMessage()).contains(" was garbage-collected open: ");
    }
}
