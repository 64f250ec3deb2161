package io.uloop.observe;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The number of slow callbacks of a loop, and the last ones. Thread-safe. */
final class SlowCalls {
    private static final int KEPT = 20;

    private final Deque<SlowCall> last = new ArrayDeque<>(); // the newest first
    private long count;

    synchronized long count() {
        return count;
    }

    /** {@return the last ones, the newest first} */
    synchronized List<SlowCall> last() {
        return List.copyOf(last);
    }

    /** Adds a callback that is still running. */
    synchronized void add(String what, long nanos) {
        count++;
        if (last.size() == KEPT) {
            last.removeLast();
        }
        long start = System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(nanos);
        last.addFirst(new SlowCall(what, start, nanos, true));
    }

    /** Notes how long the last one has taken by now, and whether it is still running. */
    synchronized void update(long nanos, boolean running) {
        SlowCall newest = last.pollFirst();
        if (newest != null) {
            last.addFirst(new SlowCall(newest.what(), newest.startMillis(), nanos, running));
        }
    }
}
