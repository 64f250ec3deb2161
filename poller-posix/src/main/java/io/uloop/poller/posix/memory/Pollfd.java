package io.uloop.poller.posix.memory;

import java.nio.ByteBuffer;

/**
 * Accesses the entries of poll(2), anywhere in a block in native byte order.
 *
 * <pre>
 * struct pollfd {
 *     int fd;          // negative: ignored
 *     short events;
 *     short revents;
 * };
 * </pre>
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/poll.2.html">poll(2)</a>
 */
public final class Pollfd {
    /** The size of the struct. */
    public static final int BYTES = 8;

    private static final int EVENTS = 4;
    private static final int REVENTS = 6;

    private Pollfd() {}

    /** Writes an entry without results. */
    public static void put(ByteBuffer block, int at, int fd, int events) {
        block.putInt(at, fd);
        block.putShort(at + EVENTS, (short) events);
        block.putShort(at + REVENTS, (short) 0);
    }

    /** Replaces the descriptor of an entry. */
    public static void setDescriptor(ByteBuffer block, int at, int fd) {
        block.putInt(at, fd);
    }

    /** Copies an entry. */
    public static void copy(ByteBuffer block, int from, int to) {
        block.putLong(to, block.getLong(from));
    }

    /** Returns the events that the kernel reported. */
    public static int reported(ByteBuffer block, int at) {
        return block.getShort(at + REVENTS);
    }
}
