package io.uloop;

import org.jspecify.annotations.Nullable;

/**
 * The log {@code io.uloop}. Its own exceptions go to the thread's uncaught exception handler: a log
 * that is broken must not end the loop that it is to tell of.
 */
final class Log {
    private static final System.Logger LOGGER = System.getLogger("io.uloop");

    private Log() {}

    static void error(String message, Throwable thrown) {
        write(System.Logger.Level.ERROR, message, thrown);
    }

    static void warning(String message, @Nullable Throwable thrown) {
        write(System.Logger.Level.WARNING, message, thrown);
    }

    static void debug(String message, Throwable thrown) {
        write(System.Logger.Level.DEBUG, message, thrown);
    }

    private static void write(
            System.Logger.Level level, String message, @Nullable Throwable thrown) {
        try {
            LOGGER.log(level, message, thrown);
        } catch (RuntimeException e) {
            Thread self = Thread.currentThread();
            self.getUncaughtExceptionHandler().uncaughtException(self, e);
        }
    }
}
