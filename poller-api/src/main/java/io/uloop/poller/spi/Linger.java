package io.uloop.poller.spi;

import java.net.SocketOption;

/**
 * Rejects the only socket option that makes close(2) block, even on non-blocking descriptors.
 *
 * @since 0.1
 */
public final class Linger {
    private Linger() {}

    /**
     * Rejects an SO_LINGER above 0. Options are compared by name, as in the backends.
     *
     * @param option any option
     * @param value the option's new value
     * @throws IllegalArgumentException if close would block
     * @see <a href="https://man7.org/linux/man-pages/man7/socket.7.html">SO_LINGER in socket(7)</a>
     */
    public static void requireNone(SocketOption<?> option, Object value) {
        if (option.name().equals("SO_LINGER") && value instanceof Integer seconds) {
            requireNone(seconds);
        }
    }

    /**
     * Rejects a time above 0.
     *
     * @param seconds the new value of SO_LINGER; 0 or less does not block
     * @throws IllegalArgumentException if close would block
     */
    public static void requireNone(int seconds) {
        if (seconds > 0) {
            throw new IllegalArgumentException(
                    "cannot set SO_LINGER to "
                            + seconds
                            + ": close would block the loop's thread for up to "
                            + seconds
                            + " s; use Connection.close with a closeTimeout, or 0 for a reset");
        }
    }
}
