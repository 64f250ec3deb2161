package io.uloop.poller.kqueue;

import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Timespec;

/**
 * The arguments and results of one wait: a timespec and an array of events. Not thread-safe: call
 * from the loop's thread.
 */
final class KqueueEvents {
    private static final int FIRST = Timespec.BYTES;

    private final int eventBytes;
    private Memory block;
    private int capacity;

    KqueueEvents(KqueueAbi abi, int capacity) {
        eventBytes = abi.eventBytes();
        block = allocate(capacity);
        this.capacity = capacity;
    }

    int capacity() {
        return capacity;
    }

    /** Doubles the capacity if there is enough memory, and discards the current events. */
    void grow() {
        Memory grown;
        try {
            grown = allocate(capacity * 2);
        } catch (OutOfMemoryError e) {
            return; // a small array loses no events: the next poll returns the rest
        }
        block.free();
        block = grown;
        capacity *= 2;
    }

    void free() {
        block.free();
    }

    /** Sets the timespec and returns its address, or NULL for a negative number. */
    long timespec(long nanos) {
        if (nanos < 0) {
            return 0;
        }
        Timespec.put(block, 0, nanos);
        return block.address();
    }

    long array() {
        return block.address() + FIRST;
    }

    int filter(int index) {
        return Kevent.filter(block.view(), offset(index));
    }

    int flags(int index) {
        return Kevent.flags(block.view(), offset(index));
    }

    int fflags(int index) {
        return Kevent.fflags(block.view(), offset(index));
    }

    long token(int index) {
        return Kevent.token(block.view(), offset(index));
    }

    private int offset(int index) {
        return FIRST + index * eventBytes;
    }

    private Memory allocate(int count) {
        return Memory.allocate(FIRST + count * eventBytes);
    }
}
