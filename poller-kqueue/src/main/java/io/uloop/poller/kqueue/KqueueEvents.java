package io.uloop.poller.kqueue;

import io.uloop.poller.posix.Memory;
import io.uloop.poller.posix.Timespec;

/** What one wait gives the kernel and gets from it: a timespec, then an array of events. */
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

    /** Makes room for twice as many if there is memory; those that are there are lost. */
    void grow() {
        Memory grown;
        try {
            grown = allocate(capacity * 2);
        } catch (OutOfMemoryError e) {
            return; // a short array loses nothing: what does not fit comes in the next poll
        }
        block.free();
        block = grown;
        capacity *= 2;
    }

    void free() {
        block.free();
    }

    /** Where the timespec is, once it says so many nanoseconds; NULL for a negative number. */
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
