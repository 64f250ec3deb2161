package io.uloop;

import io.uloop.observe.SafeLog;
import org.jspecify.annotations.Nullable;

/** Writes to the log {@code io.uloop}. */
final class Log {
    static final System.Logger LOGGER = System.getLogger("io.uloop");

    private Log() {}

    static void error(String message, Throwable thrown) {
        SafeLog.write(LOGGER, System.Logger.Level.ERROR, message, thrown);
    }

    static void warning(String message, @Nullable Throwable thrown) {
        SafeLog.write(LOGGER, System.Logger.Level.WARNING, message, thrown);
    }

    static void debug(String message, Throwable thrown) {
        SafeLog.write(LOGGER, System.Logger.Level.DEBUG, message, thrown);
    }
}
