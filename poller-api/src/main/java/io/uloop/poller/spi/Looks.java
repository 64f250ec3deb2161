package io.uloop.poller.spi;

/**
 * Decides whether a poll looks for events before it waits. A look does not block, so it saves what
 * a wait costs besides its system call: the announcement to other threads, the hook for interrupts,
 * and the timeout. A look that finds nothing costs a system call. After each of these, twice as
 * many waits follow without a look.
 *
 * <p>Not thread-safe: call from the poller's thread.
 */
final class Looks {
    private static final int MAX_REST = 63;

    private int rest;
    private int left;

    /** {@return whether to look before the wait that follows} */
    boolean areDue() {
        if (left == 0) {
            return true;
        }
        left--;
        return false;
    }

    /** Records a look that has found events. */
    void found() {
        rest = 0;
    }

    /** Records a look in vain. */
    void missed() {
        rest = Math.min(MAX_REST, rest * 2 + 1);
        left = rest;
    }
}
