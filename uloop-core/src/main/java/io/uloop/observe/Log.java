package io.uloop.observe;

import org.jspecify.annotations.Nullable;

/** Writes to the log {@code io.uloop}. */
public final class Log {
    /** The log of loops. */
    public static final System.Logger LOGGER = System.getLogger("io.uloop");

    private Log() {}

    /**
     * Writes at level ERROR.
     *
     * @param message the message
     * @param thrown its cause
     */
    public static void error(String message, Throwable thrown) {
        SafeLog.write(LOGGER, System.Logger.Level.ERROR, message, thrown);
    }

    /**
     * Writes at level WARNING.
     *
     * @param message the message
     * @param thrown its cause, or null
     */
    public static void warning(String message, @Nullable Throwable thrown) {
        SafeLog.write(LOGGER, System.Logger.Level.WARNING, message, thrown);
    }

    /**
     * Writes at level DEBUG.
     *
     * @param message the message
     * @param thrown its cause
     */
    public static void debug(String message, Throwable thrown) {
        SafeLog.write(LOGGER, System.Logger.Level.DEBUG, message, thrown);
    }
}
