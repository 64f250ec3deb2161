package io.uloop.poller.spi;

import static io.uloop.poller.UEvent.ERR;
import static io.uloop.poller.UEvent.HUP;
import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.NVAL;
import static io.uloop.poller.UEvent.ONESHOT;
import static io.uloop.poller.UEvent.OUT;

import java.util.Arrays;

/**
 * The registration table of one poller: interest and generation by descriptor number. It decides,
 * for every backend, whether an event is current and which of its bits the user sees.
 *
 * <p>A registration is a token, {@code generation << 32 | fd}, that travels through the kernel: in
 * epoll's data, kqueue's udata, a parallel array. A generation is odd while registered; add and
 * remove count it up, and so does modify with ONESHOT, because what the kernel queued before
 * belongs to the former shot.
 *
 * <p>Owner thread only.
 */
public final class Registrations {
    private static final int DISARMED = 1 << 29;

    private final CloseCounts closeCounts;
    private int[] interests = new int[64];
    private int[] generations = new int[64];
    private int[] closesSeen = new int[64];
    private int size;

    Registrations(CloseCounts closeCounts) {
        this.closeCounts = closeCounts;
    }

    /**
     * Extracts the descriptor from a token.
     *
     * @param token what {@link ReadinessPoller} handed to the backend
     * @return the descriptor
     */
    public static int fd(long token) {
        return (int) token;
    }

    /**
     * Counts the registrations.
     *
     * @return 0 or more
     */
    public int size() {
        return size;
    }

    /**
     * The bound of the numbers in use: every registered descriptor is below it.
     *
     * @return 0 or more
     */
    public int limit() {
        return generations.length;
    }

    /**
     * Tells whether a descriptor is registered.
     *
     * @param fd any number
     * @return true from add to remove
     */
    public boolean contains(int fd) {
        return fd >= 0 && fd < generations.length && (generations[fd] & 1) != 0;
    }

    /**
     * The interest of a registered descriptor, modes included.
     *
     * @param fd a registered descriptor
     * @return what add or modify said last
     */
    public int interest(int fd) {
        return interests[fd] & ~DISARMED;
    }

    /**
     * Tells whether the kernel may report a registered descriptor: its interest is not empty and
     * its shot, if it is ONESHOT, has not been fired.
     *
     * @param fd a registered descriptor
     * @return false while paused or disarmed
     */
    public boolean isArmed(int fd) {
        return wantsKernel(interests[fd]);
    }

    /**
     * Tells whether a registered descriptor has been closed since it was registered.
     *
     * @param fd a registered descriptor
     * @return true if certainly closed; false also when it was closed behind the back of {@link
     *     io.uloop.poller.Descriptors}
     */
    public boolean isClosed(int fd) {
        return closeCounts.count(fd) != closesSeen[fd];
    }

    /**
     * The token of a registered descriptor.
     *
     * @param fd a registered descriptor
     * @return generation and number
     */
    public long token(int fd) {
        return token(generations[fd], fd);
    }

    static boolean wantsKernel(int interest) {
        return (interest & DISARMED) == 0 && (interest & io.uloop.poller.UEvent.INTERESTS) != 0;
    }

    /** The token that {@link #add} will give; the kernel learns of it first. */
    long tokenForAdd(int fd) {
        return token((fd < generations.length ? generations[fd] : 0) + 1, fd);
    }

    /** The token that {@link #modify} will leave. */
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

    /** Enters a descriptor that room was {@linkplain #reserve reserved} for. */
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
        return closeCounts.count(fd);
    }

    boolean isCurrent(long token) {
        int fd = fd(token);
        return fd < generations.length && generations[fd] == (int) (token >>> Integer.SIZE);
    }

    /**
     * What of a raw event a registered descriptor's user sees: what was asked for, what is always
     * told, and IN and OUT for a hang-up or error, because reading and writing would not block.
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
