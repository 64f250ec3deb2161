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
 *
 * @since 0.1
 */
public final class Registrations {
    /**
     * A token that no registration has, because its descriptor would be negative. A backend may use
     * it for its own descriptors.
     */
    public static final long NO_TOKEN = -1;

    private static final int DISARMED = 1 << 29;

    /** The fields of a descriptor are adjacent, so that an event touches one line of the cache. */
    private static final int FIELDS = 4;

    private static final int INTEREST = 1;
    private static final int CLOSES = 2;

    private final IntUnaryOperator closes;

    /** The generation of each descriptor, then its other fields. */
    private int[] table = new int[64 * FIELDS];

    private int limit = 64;
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
        return limit;
    }

    /**
     * Returns whether a descriptor is registered.
     *
     * @param fd any number
     * @return true from add to remove
     */
    public boolean contains(int fd) {
        return fd >= 0 && fd < limit && (table[fd * FIELDS] & 1) != 0;
    }

    /**
     * Returns the interest of a registered descriptor, including its modes.
     *
     * @param fd a registered descriptor
     * @return the interest set by the last add or modify
     */
    public int interest(int fd) {
        return table[fd * FIELDS + INTEREST] & ~DISARMED;
    }

    /** {@return the interest of any number, or -1} An estimate on other threads. */
    int interestOrNone(int fd) {
        int[] current = table;
        boolean known = fd >= 0 && fd < current.length / FIELDS && (current[fd * FIELDS] & 1) != 0;
        return known ? current[fd * FIELDS + INTEREST] & ~DISARMED : -1;
    }

    /**
     * Returns whether the kernel may report a registered descriptor. This requires a non-empty
     * interest and, for ONESHOT, a shot that has not fired.
     *
     * @param fd a registered descriptor
     * @return false while paused or disarmed
     */
    public boolean isArmed(int fd) {
        return wantsKernel(table[fd * FIELDS + INTEREST]);
    }

    /**
     * Returns whether a registered descriptor was closed since it was registered.
     *
     * @param fd a registered descriptor
     * @return true if it was certainly closed; false also if it was closed without {@link
     *     io.uloop.poller.Descriptors}
     */
    public boolean isClosed(int fd) {
        return closes.applyAsInt(fd) != table[fd * FIELDS + CLOSES];
    }

    /**
     * Returns the token of a registered descriptor.
     *
     * @param fd a registered descriptor
     * @return generation and descriptor
     */
    public long token(int fd) {
        return token(table[fd * FIELDS], fd);
    }

    static boolean wantsKernel(int interest) {
        return (interest & DISARMED) == 0 && (interest & UEvent.INTERESTS) != 0;
    }

    /**
     * Returns the token that {@link #add} will assign. The kernel gets it before the table does.
     */
    long tokenForAdd(int fd) {
        return token((fd < limit ? table[fd * FIELDS] : 0) + 1, fd);
    }

    /** Returns the token that the descriptor will have after {@link #modify}. */
    long tokenForModify(int fd, int interest) {
        return token(table[fd * FIELDS] + ((interest & ONESHOT) != 0 ? 2 : 0), fd);
    }

    /** Makes room for {@link #add}. */
    void reserve(int fd) {
        if (fd >= limit) {
            int grown = Math.max(fd + 1, limit * 2);
            table = Arrays.copyOf(table, Math.multiplyExact(grown, FIELDS));
            limit = grown;
        }
    }

    /** Adds a descriptor after {@link #reserve}. */
    void add(int fd, int interest, int closes) {
        table[fd * FIELDS]++;
        table[fd * FIELDS + INTEREST] = interest;
        table[fd * FIELDS + CLOSES] = closes;
        size++;
    }

    void modify(int fd, int interest) {
        table[fd * FIELDS] = (int) (tokenForModify(fd, interest) >>> Integer.SIZE);
        table[fd * FIELDS + INTEREST] = interest;
    }

    void remove(int fd) {
        table[fd * FIELDS]++;
        size--;
    }

    void disarm(int fd) {
        table[fd * FIELDS + INTEREST] |= DISARMED;
    }

    int closes(int fd) {
        return closes.applyAsInt(fd);
    }

    boolean isCurrent(long token) {
        int fd = fd(token);
        return fd < limit && table[fd * FIELDS] == (int) (token >>> Integer.SIZE);
    }

    /**
     * Returns the bits of a raw event that the user sees: the requested bits, the bits that are
     * always reported, and requested IN and OUT for a hang-up or error, because reading and writing
     * would not block.
     */
    int visible(int fd, int raw) {
        int interest = table[fd * FIELDS + INTEREST];
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
