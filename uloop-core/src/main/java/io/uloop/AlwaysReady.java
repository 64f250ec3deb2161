package io.uloop;

import io.uloop.poller.EventSink;
import io.uloop.poller.UEvent;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * Descriptors that no kernel polls because an operation on them never blocks on a peer: regular
 * files, directories, /dev/null. They are ready in every turn. ONESHOT and EDGE report them once
 * until the next modify, because no event makes a file ready again.
 */
final class AlwaysReady {
    private static final int READINESS = UEvent.IN | UEvent.OUT;
    private static final int ONCE = UEvent.ONESHOT | UEvent.EDGE;

    private final BooleanSupplier open;
    private final boolean on;
    private int[] fds = new int[4];
    private int[] interests = new int[4];
    private int count;
    private boolean dispatching;

    /**
     * Creates an empty set.
     *
     * @param open checked before each event; a closed loop gets none
     * @param on whether the loop accepts such descriptors
     */
    AlwaysReady(BooleanSupplier open, boolean on) {
        this.open = open;
        this.on = on;
    }

    boolean isOn() {
        return on;
    }

    boolean contains(int fd) {
        return place(fd) >= 0;
    }

    /** {@return the interest of any number, or -1} An estimate outside the loop's thread. */
    int interest(int fd) {
        int[] numbers = fds;
        int[] current = interests;
        for (int i = Math.min(count, Math.min(numbers.length, current.length)) - 1; i >= 0; i--) {
            if (numbers[i] == fd) {
                return current[i];
            }
        }
        return -1;
    }

    /** {@return whether the next turn has any of them to report} */
    boolean isArmed() {
        for (int i = 0; i < count; i++) {
            if ((interests[i] & READINESS) != 0) {
                return true;
            }
        }
        return false;
    }

    /** Adds a descriptor or replaces its interest. */
    void put(int fd, int interest) {
        int place = place(fd);
        if (place < 0) {
            if (count == fds.length) {
                interests = Arrays.copyOf(interests, count * 2);
                fds = Arrays.copyOf(fds, count * 2); // last: its length is the limit
            }
            place = count++;
            fds[place] = fd;
        }
        interests[place] = interest;
    }

    /** Removes a descriptor if present. */
    void remove(int fd) {
        int place = place(fd);
        if (place >= 0) {
            fds[place] = -1;
            interests[place] = UEvent.NONE;
            if (!dispatching) {
                compact();
            }
        }
    }

    /** Reports the descriptors present at the start and returns how many events it delivered. */
    int dispatch(EventSink sink) {
        return count == 0 ? 0 : dispatchAll(sink);
    }

    private int dispatchAll(EventSink sink) {
        int events = 0;
        dispatching = true;
        try {
            int end = count;
            for (int i = 0; i < end && open.getAsBoolean(); i++) {
                int ready = interests[i] & READINESS;
                if (ready != 0) {
                    if ((interests[i] & ONCE) != 0) {
                        interests[i] = UEvent.NONE;
                    }
                    events++;
                    sink.onEvent(fds[i], ready);
                }
            }
        } finally {
            dispatching = false;
            compact();
        }
        return events;
    }

    private void compact() {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (fds[i] >= 0) {
                fds[kept] = fds[i];
                interests[kept++] = interests[i];
            }
        }
        count = kept;
    }

    private int place(int fd) {
        for (int i = 0; i < count; i++) {
            if (fds[i] == fd && fd >= 0) {
                return i;
            }
        }
        return -1;
    }
}
