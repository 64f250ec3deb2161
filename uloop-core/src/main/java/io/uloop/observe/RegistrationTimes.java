package io.uloop.observe;

import java.util.Arrays;

/**
 * When descriptors were registered, while somebody watches the loop. The loop's thread writes. Any
 * thread may read and gets an estimate.
 */
final class RegistrationTimes {
    private static final long UNKNOWN = 0;

    private volatile long[] times = {};

    /** Notes that a descriptor is being registered now. */
    void added(int fd) {
        long[] current = times;
        if (fd >= current.length) {
            current = Arrays.copyOf(current, Math.max(fd + 1, current.length * 2));
            times = current;
        }
        long now = System.nanoTime();
        current[fd] = now == UNKNOWN ? 1 : now;
    }

    /**
     * {@return how long ago a descriptor was registered, in nanoseconds; -1 if that was before
     * these times were noted}
     */
    long ageNanos(int fd) {
        long[] current = times;
        long time = fd < current.length ? current[fd] : UNKNOWN;
        return time == UNKNOWN ? -1 : Math.max(0, System.nanoTime() - time);
    }
}
