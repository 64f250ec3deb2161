package io.uloop.poller.kqueue;

import io.uloop.poller.kqueue.KqueueCalls.Calls;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Timespec;

/**
 * A short list of changes and their results, in one off-heap block: a zero timespec, the changes,
 * and as many receipts. Not thread-safe: call from the loop's thread.
 *
 * <p>Each change asks for a receipt, and the receipt array has exactly one place per change. The
 * kernel therefore answers every change in order, and has no room to return events.
 */
final class KqueueChanges {
    /** One deletion and one addition for each of two filters. */
    private static final int CAPACITY = 4;

    private static final int FIRST_CHANGE = Timespec.BYTES;

    private final int eventBytes;
    private final int firstReceipt;
    private final Memory block;
    private int size;

    KqueueChanges(KqueueAbi abi) {
        eventBytes = abi.eventBytes();
        firstReceipt = FIRST_CHANGE + CAPACITY * eventBytes;
        block = Memory.allocate(firstReceipt + CAPACITY * eventBytes);
    }

    void clear() {
        size = 0;
    }

    int size() {
        return size;
    }

    void add(int fd, int filter, int flags, long token) {
        put(fd, filter, KqueueCalls.EV_ADD | KqueueCalls.EV_RECEIPT | flags, 0, token);
    }

    void delete(int fd, int filter) {
        put(fd, filter, KqueueCalls.EV_DELETE | KqueueCalls.EV_RECEIPT, 0, 0);
    }

    /** Adds a filter for the exit of a process. */
    void addExit(int pid) {
        put(
                pid,
                KqueueCalls.EVFILT_PROC,
                KqueueCalls.EV_ADD | KqueueCalls.EV_RECEIPT,
                KqueueCalls.NOTE_EXIT,
                0);
    }

    /** Adds a trigger of a user filter. It does not register the filter or ask for a receipt. */
    void trigger(int filter, long token) {
        put(0, filter, 0, KqueueCalls.NOTE_TRIGGER, token);
    }

    private void put(int ident, int filter, int flags, int fflags, long token) {
        Kevent.put(block.view(), change(size++), ident, filter, flags, fflags, token);
    }

    /**
     * Submits changes other than {@linkplain #trigger triggers}. {@link #errno} then returns their
     * results.
     */
    void submit(Calls calls, int kq) {
        int answered;
        int errno = 0;
        do {
            answered =
                    calls.kevent(
                            kq, changes(), size, block.address() + firstReceipt, size, noWait());
            if (answered < 0) {
                errno = Posix.errno();
            }
        } while (answered < 0 && errno == Posix.EINTR); // repeating the changes is harmless
        for (int i = Math.max(answered, 0); i < size; i++) {
            Kevent.putData(block.view(), receipt(i), answered < 0 ? errno : Posix.EIO);
        }
    }

    /** Returns the result of a change: 0 or an errno. The receipt's other fields may be unset. */
    int errno(int index) {
        return (int) Kevent.data(block.view(), receipt(index));
    }

    int filter(int index) {
        return Kevent.filter(block.view(), change(index));
    }

    boolean isDelete(int index) {
        return (Kevent.flags(block.view(), change(index)) & KqueueCalls.EV_DELETE) != 0;
    }

    /** {@return the address of the changes} */
    long changes() {
        return block.address() + FIRST_CHANGE;
    }

    /** {@return the address of a zero timespec} */
    long noWait() {
        return block.address();
    }

    void free() {
        block.free();
    }

    private int change(int index) {
        return FIRST_CHANGE + index * eventBytes;
    }

    private int receipt(int index) {
        return firstReceipt + index * eventBytes;
    }
}
