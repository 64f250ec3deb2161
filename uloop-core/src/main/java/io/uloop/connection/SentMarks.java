package io.uloop.connection;

import org.jspecify.annotations.Nullable;

/**
 * Places in an outgoing stream, each with a handler that waits until the bytes before it have been
 * sent.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class SentMarks {
    /** A ring from {@code head} on; its length is a power of two. */
    private long[] places = new long[4];

    private @Nullable SentHandler[] handlers = new SentHandler[places.length];
    private int head;
    private int count;
    private long sent;
    private boolean called; // a task will call the handlers

    /** Adds a handler behind a number of pending bytes; a negative number is never sent. */
    void add(SentHandler handler, long pendingBytes) {
        if (count == places.length) {
            grow();
        }
        int tail = head + count++ & places.length - 1;
        long place = sent + pendingBytes;
        places[tail] = pendingBytes < 0 || place < 0 ? Long.MAX_VALUE : place;
        handlers[tail] = handler;
    }

    private void grow() {
        long[] morePlaces = new long[count * 2];
        @Nullable SentHandler[] moreHandlers = new SentHandler[count * 2];
        for (int i = 0; i < count; i++) {
            int index = head + i & count - 1;
            morePlaces[i] = places[index];
            moreHandlers[i] = handlers[index];
        }
        places = morePlaces;
        handlers = moreHandlers;
        head = 0;
    }

    /** Records that bytes have been sent. */
    void sent(long bytes) {
        sent += bytes;
    }

    int count() {
        return count;
    }

    /** Returns whether all bytes before the first handler have been sent. */
    boolean isReached() {
        return count > 0 && places[head] <= sent;
    }

    /** Removes the first handler. Returns null if there is none. */
    @Nullable SentHandler take() {
        SentHandler first = handlers[head];
        if (count > 0) {
            handlers[head] = null;
            head = head + 1 & places.length - 1;
            count--;
        }
        return first;
    }

    /** Returns whether a task must be queued to call the handlers that are reached. */
    boolean needsTask() {
        boolean needed = !called && isReached();
        called |= needed;
        return needed;
    }

    /** Records that the queued task runs. */
    void taskRuns() {
        called = false;
    }
}
