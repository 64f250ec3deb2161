package io.uloop;

/**
 * Decides whether a run polls without waiting because something happened a short time ago. Not
 * thread-safe: call from the loop's thread.
 */
final class BusyPoll {
    private final long nanos;
    private long start;
    private boolean active;

    /**
     * @param nanos how long to poll after the last activity; 0 for never
     */
    BusyPoll(long nanos) {
        this.nanos = nanos;
    }

    boolean isOn() {
        return nanos > 0;
    }

    /**
     * Notes the end of a turn.
     *
     * @param worked whether the turn has called anything
     * @param now a time in nanoseconds
     */
    void turnEnds(boolean worked, long now) {
        if (worked) {
            start = now;
            active = true;
        } else if (now - start >= nanos) {
            active = false;
        }
    }

    /** {@return whether the next turn does not wait} */
    boolean isActive() {
        return active;
    }
}
