package io.uloop.poller.kqueue;

import io.uloop.poller.posix.Memory;
import io.uloop.poller.posix.Posix;
import io.uloop.poller.posix.Timespec;

/**
 * A short list of changes and what the kernel answers to each: one off-heap block with a timespec
 * of zero, the changes, and as many receipts.
 *
 * <p>Each change asks for a receipt, and there is room for exactly so many, so that the kernel has
 * an answer for each, in their order, and no place for an event.
 */
final class KqueueChanges {
    /** A delete and an add for each of two filters. */
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
        put(fd, filter, KqueueNative.EV_ADD | KqueueNative.EV_RECEIPT | flags, 0, token);
    }

    void delete(int fd, int filter) {
        put(fd, filter, KqueueNative.EV_DELETE | KqueueNative.EV_RECEIPT, 0, 0);
    }

    /** Watches for the end of a process. */
    void addExit(int pid) {
        put(
                pid,
                KqueueNative.EVFILT_PROC,
                KqueueNative.EV_ADD | KqueueNative.EV_RECEIPT,
                KqueueNative.NOTE_EXIT,
                0);
    }

    /** Activates a user filter. Neither adds nor asks for a receipt. */
    void trigger(int filter, long token) {
        put(0, filter, 0, KqueueNative.NOTE_TRIGGER, token);
    }

    private void put(int ident, int filter, int flags, int fflags, long token) {
        Kevent.put(block.view(), change(size++), ident, filter, flags, fflags, token);
    }

    /**
     * Makes the changes that carry no {@linkplain #trigger trigger}; {@link #errno} then has the
     * answers.
     */
    void submit(KqueueNative.Calls calls, int kq) {
        int answered;
        int errno = 0;
        do {
            answered =
                    calls.kevent(
                            kq, changes(), size, block.address() + firstReceipt, size, noWait());
            if (answered < 0) {
                errno = Posix.errno();
            }
        } while (answered < 0 && errno == Posix.EINTR); // made twice they end as made once
        for (int i = Math.max(answered, 0); i < size; i++) {
            Kevent.putData(block.view(), receipt(i), answered < 0 ? errno : Posix.EIO);
        }
    }

    /** What became of a change: 0, or why it failed. The receipt may hold nothing else. */
    int errno(int index) {
        return (int) Kevent.data(block.view(), receipt(index));
    }

    int filter(int index) {
        return Kevent.filter(block.view(), change(index));
    }

    boolean isDelete(int index) {
        return (Kevent.flags(block.view(), change(index)) & KqueueNative.EV_DELETE) != 0;
    }

    /** Where the changes are. */
    long changes() {
        return block.address() + FIRST_CHANGE;
    }

    /** Where a timespec of zero is. */
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
