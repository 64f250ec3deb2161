package io.uloop;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Takes what one logger says, and keeps it off the console, until closed. */
public final class CapturedLog implements AutoCloseable {
    private final List<LogRecord> records = new CopyOnWriteArrayList<>();
    private final Logger logger;
    private volatile Consumer<LogRecord> onRecord = record -> {};
    private final Handler handler =
            new Handler() {
                @Override
                public void publish(LogRecord record) {
                    records.add(record);
                    onRecord.accept(record);
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };

    /**
     * Starts.
     *
     * @param name the logger's name
     */
    public CapturedLog(String name) {
        logger = Logger.getLogger(name);
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
    }

    /**
     * Has something done with each further record, which may throw as a broken log does.
     *
     * @param action called on the thread that logs
     */
    public void onRecord(Consumer<LogRecord> action) {
        onRecord = action;
    }

    /**
     * What was said so far.
     *
     * @return the messages without their exceptions
     */
    public List<String> messages() {
        return records.stream().map(LogRecord::getMessage).toList();
    }

    /**
     * What was said so far.
     *
     * @return the records
     */
    public List<LogRecord> records() {
        return records;
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
    }
}
