package io.uloop.poller.epoll;

import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Timespec;

/**
 * Accesses the block that a poller shares with the kernel: a timespec, followed by an array of
 *
 * <pre>
 * struct epoll_event {
 *     uint32_t events;
 *     epoll_data_t data;   // 64 bits: the registration's token
 * };                       // packed, 12 bytes, on x86-64; aligned, 16 bytes, elsewhere
 * </pre>
 */
final class EpollEvents {
    private static final boolean PACKED =
            System.getProperty("os.arch").equals("amd64")
                    || System.getProperty("os.arch").equals("x86_64");
    private static final int EVENT_BYTES = PACKED ? 12 : 16;
    private static final int DATA = PACKED ? 4 : 8;

    private EpollEvents() {}

    static Memory allocate(int capacity) {
        return Memory.allocate(Timespec.BYTES + capacity * EVENT_BYTES);
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

    static void setFirst(Memory block, int events, long token) {
        block.view().putInt(Timespec.BYTES, events).putLong(Timespec.BYTES + DATA, token);
    }

    static int events(Memory block, int index) {
        return block.view().getInt(Timespec.BYTES + index * EVENT_BYTES);
    }

    static long token(Memory block, int index) {
        return block.view().getLong(Timespec.BYTES + index * EVENT_BYTES + DATA);
    }
}
