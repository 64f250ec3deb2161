package io.uloop.poller.spi;

import java.net.SocketOption;

/** Refuses the one socket option that makes close(2) wait, even on non-blocking descriptors. */
public final class Linger {
    private Linger() {}

    /**
     * Refuses an SO_LINGER of more than zero. Options are compared by name, as backends find them.
     *
     * @param option any option
     * @param value its value
     * @throws IllegalArgumentException if close would wait
     * @see <a href="https://man7.org/linux/man-pages/man7/socket.7.html">SO_LINGER in socket(7)</a>
     */
    public static void requireNone(SocketOption<?> option, Object value) {
        if (option.name().equals("SO_LINGER") && value instanceof Integer seconds && seconds > 0) {
            throw new IllegalArgumentException(
                    "SO_LINGER cannot be "
                            + seconds
                            + ": close would block its thread, and so a loop, for up to "
                            + seconds
                            + " s; use Connection.close with a closeTimeout, or 0 for a reset");
        }
    }
}
