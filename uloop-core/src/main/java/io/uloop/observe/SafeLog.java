package io.uloop.observe;

import org.jspecify.annotations.Nullable;

/** Writes to a logger whose failures must not reach the caller. Thread-safe. */
public final class SafeLog {
    private SafeLog() {}

    /**
     * Logs a message. Passes an exception of the logger to the thread's uncaught exception handler.
     *
     * @param logger the destination
     * @param level the message's level
     * @param message the message
     * @param thrown the cause, or null
     */
    public static void write(
            System.Logger logger,
            System.Logger.Level level,
            String message,
            @Nullable Throwable thrown) {
        try {
            logger.log(level, message, thrown);
        } catch (RuntimeException e) {
            Thread self = Thread.currentThread();
            self.getUncaughtExceptionHandler().uncaughtException(self, e);
        } catch (OutOfMemoryError e) {
            // Reporting this would need memory as well.
        }
    }
}
