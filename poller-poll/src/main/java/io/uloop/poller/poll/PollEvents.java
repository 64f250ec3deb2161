package io.uloop.poller.poll;

import io.uloop.poller.posix.Memory;
import io.uloop.poller.posix.Timespec;

/**
 * Accesses the block that a poller shares with the kernel: a timespec, followed by an array of
 *
 * <pre>
 * struct pollfd {
 *     int fd;          // negative: ignored
 *     short events;
 *     short revents;
 * };
 * </pre>
 */
final class PollEvents {
    private static final int ENTRY_BYTES = 8;
    private static final int EVENTS = 4;
    private static final int REVENTS = 6;

    private PollEvents() {}

    static Memory allocate(int capacity) {
        return Memory.allocate(Timespec.BYTES + capacity * ENTRY_BYTES);
    }

    static void copy(Memory from, Memory to, int count) {
        to.view().put(0, from.view(), 0, Timespec.BYTES + count * ENTRY_BYTES);
    }

    static long timespec(Memory block) {
        return block.address();
    }

    static void setTimespec(Memory block, long nanos) {
        Timespec.put(block, 0, nanos);
    }

    static long array(Memory block) {
        return block.address() + Timespec.BYTES;
    }

    static void set(Memory block, int slot, int fd, int events) {
        block.view().putInt(offset(slot), fd).putShort(offset(slot) + EVENTS, (short) events);
    }

    static void setDescriptor(Memory block, int slot, int fd) {
        block.view().putInt(offset(slot), fd);
    }

    static void move(Memory block, int from, int to) {
        block.view().putLong(offset(to), block.view().getLong(offset(from)));
    }

    static int events(Memory block, int slot) {
        return block.view().getShort(offset(slot) + REVENTS);
    }

    private static int offset(int slot) {
        return Timespec.BYTES + slot * ENTRY_BYTES;
    }
}
