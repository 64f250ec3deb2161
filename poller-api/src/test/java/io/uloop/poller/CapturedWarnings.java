package io.uloop.poller;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Captures what this module logs, and keeps it off the console until it is closed. */
public final class CapturedWarnings extends Handler implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger("io.uloop.poller");

    private final List<LogRecord> records = new CopyOnWriteArrayList<>();

    /** Starts to capture. */
    public CapturedWarnings() {
        LOGGER.addHandler(this);
        LOGGER.setUseParentHandlers(false);
    }

    /** {@return the records so far} */
    public List<LogRecord> records() {
        return records;
    }

    /** {@return the messages so far} */
    public List<String> messages() {
        return records.stream().map(LogRecord::getMessage).toList();
    }

    @Override
    public void publish(LogRecord record) {
        records.add(record);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        LOGGER.removeHandler(this);
        LOGGER.setUseParentHandlers(true);
    }
}
