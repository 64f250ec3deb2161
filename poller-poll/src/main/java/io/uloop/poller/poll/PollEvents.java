package io.uloop.poller.poll;

import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Pollfd;
import io.uloop.poller.posix.memory.Timespec;

/** Accesses the block that a poller shares with the kernel: a timespec, and an array of pollfd. */
final class PollEvents {
    private PollEvents() {}

    static Memory allocate(int capacity) {
        return Memory.allocate(Timespec.BYTES + capacity * Pollfd.BYTES);
    }

    static void copy(Memory from, Memory to, int count) {
        to.view().put(0, from.view(), 0, Timespec.BYTES + count * Pollfd.BYTES);
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
        Pollfd.put(block.view(), offset(slot), fd, events);
    }

    static void setDescriptor(Memory block, int slot, int fd) {
        Pollfd.setDescriptor(block.view(), offset(slot), fd);
    }

    static void move(Memory block, int from, int to) {
        Pollfd.copy(block.view(), offset(from), offset(to));
    }

    static int events(Memory block, int slot) {
        return Pollfd.reported(block.view(), offset(slot));
    }

    private static int offset(int slot) {
        return Timespec.BYTES + slot * Pollfd.BYTES;
    }
}
