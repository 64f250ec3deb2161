package io.uloop.poller.spi;

import static io.uloop.poller.UEvent.ERR;
import static io.uloop.poller.UEvent.HUP;
import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.NVAL;
import static io.uloop.poller.UEvent.ONESHOT;
import static io.uloop.poller.UEvent.OUT;

import io.uloop.poller.UEvent;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * The registration table of one poller: interest and generation by descriptor number. It decides
 * for every backend whether an event is current and which of its bits the user sees.
 *
 * <p>A token, {@code generation << 32 | fd}, identifies a registration and travels through the
 * kernel: in epoll's data, in kqueue's udata or in a parallel array. A generation is odd while the
 * descriptor is registered. Add and remove increment it. Modify with ONESHOT advances it by two,
 * because events queued earlier belong to the previous shot.
 *
 * <p>Not thread-safe: call from the poller's owner thread.
 */
public final class Registrations {
    /**
     * A token that no registration has, because its descriptor would be negative. A backend may use
     * it for its own descriptors.
     */
    public static final long NO_TOKEN = -1;

    private static final int DISARMED = 1 << 29;

    private final IntUnaryOperator closes;
    private int[] interests = new int[64];
    private int[] generations = new int[64];
    private int[] closesSeen = new int[64];
    private int size;

    Registrations(IntUnaryOperator closes) {
        this.closes = closes;
    }

    /**
     * Extracts the descriptor from a token.
     *
     * @param token a token that {@link ReadinessPoller} passed to the backend
     * @return the descriptor
     */
    public static int fd(long token) {
        return (int) token;
    }

    /** {@return the number of registrations, 0 or more} */
    public int size() {
        return size;
    }

    /** {@return an exclusive upper bound of the registered descriptors, 0 or more} */
    public int limit() {
        return generations.length;
    }

    /**
     * Returns whether a descriptor is registered.
     *
     * @param fd any number
     * @return true from add to remove
     */
    public boolean contains(int fd) {
        return fd >= 0 && fd < generations.length && (generations[fd] & 1) != 0;
    }

    /**
     * Returns the interest of a registered descriptor, including its modes.
     *
     * @param fd a registered descriptor
     * @return the interest set by the last add or modify
     */
    public int interest(int fd) {
        return interests[fd] & ~DISARMED;
    }

    /**
     * Returns whether the kernel may report a registered descriptor. This requires a non-empty
     * interest and, for ONESHOT, a shot that has not fired.
     *
     * @param fd a registered descriptor
     * @return false while paused or disarmed
     */
    public boolean isArmed(int fd) {
        return wantsKernel(interests[fd]);
    }

    /**
     * Returns whether a registered descriptor was closed since it was registered.
     *
     * @param fd a registered descriptor
     * @return true if it was certainly closed; false also if it was closed without {@link
     *     io.uloop.poller.Descriptors}
     */
    public boolean isClosed(int fd) {
        return closes.applyAsInt(fd) != closesSeen[fd];
    }

    /**
     * Returns the token of a registered descriptor.
     *
     * @param fd a registered descriptor
     * @return generation and descriptor
     */
    public long token(int fd) {
        return token(generations[fd], fd);
    }

    static boolean wantsKernel(int interest) {
        return (interest & DISARMED) == 0 && (interest & UEvent.INTERESTS) != 0;
    }

    /**
     * Returns the token that {@link #add} will assign. The kernel gets it before the table does.
     */
    long tokenForAdd(int fd) {
        return token((fd < generations.length ? generations[fd] : 0) + 1, fd);
    }

    /** Returns the token that the descriptor will have after {@link #modify}. */
    long tokenForModify(int fd, int interest) {
        return token(generations[fd] + ((interest & ONESHOT) != 0 ? 2 : 0), fd);
    }

    /** Makes room for {@link #add}. */
    void reserve(int fd) {
        if (fd >= generations.length) {
            int length = Math.max(fd + 1, generations.length * 2);
            interests = Arrays.copyOf(interests, length);
            closesSeen = Arrays.copyOf(closesSeen, length);
            generations = Arrays.copyOf(generations, length); // last: its length is the limit
        }
    }

    /** Adds a descriptor after {@link #reserve}. */
    void add(int fd, int interest, int closes) {
        generations[fd]++;
        interests[fd] = interest;
        closesSeen[fd] = closes;
        size++;
    }

    void modify(int fd, int interest) {
        generations[fd] = (int) (tokenForModify(fd, interest) >>> Integer.SIZE);
        interests[fd] = interest;
    }

    void remove(int fd) {
        generations[fd]++;
        size--;
    }

    void disarm(int fd) {
        interests[fd] |= DISARMED;
    }

    int closes(int fd) {
        return closes.applyAsInt(fd);
    }

    boolean isCurrent(long token) {
        int fd = fd(token);
        return fd < generations.length && generations[fd] == (int) (token >>> Integer.SIZE);
    }

    /**
     * Returns the bits of a raw event that the user sees: the requested bits, the bits that are
     * always reported, and requested IN and OUT for a hang-up or error, because reading and writing
     * would not block.
     */
    int visible(int fd, int raw) {
        int interest = interests[fd];
        if (!wantsKernel(interest)) {
            return 0;
        }
        int events = raw & (interest | ERR | HUP | NVAL);
        if ((raw & (ERR | HUP)) != 0) {
            events |= interest & (IN | OUT);
        }
        return events;
    }

    private static long token(int generation, int fd) {
        return (long) generation << Integer.SIZE | fd;
    }
}
