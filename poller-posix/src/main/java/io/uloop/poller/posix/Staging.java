package io.uloop.poller.posix;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Off-heap bytes on their way to or from a buffer that the kernel must not touch itself. One thread
 * at a time.
 */
final class Staging {
    private final ByteBuffer bytes;
    private final long address;
    private final @Nullable Memory memory;

    private Staging(ByteBuffer bytes, long address, @Nullable Memory memory) {
        this.bytes = bytes;
        this.address = address;
        this.memory = memory;
    }

    /** Allocates bytes that the collector frees. */
    static Staging kept(int capacity) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(capacity).order(ByteOrder.nativeOrder());
        return new Staging(bytes, Memory.addressOf(bytes), null);
    }

    /** Allocates bytes that {@link #release} frees. */
    static Staging temporary(int capacity) {
        Memory memory = Memory.allocate(capacity);
        return new Staging(memory.view(), memory.address(), memory);
    }

    int capacity() {
        return bytes.capacity();
    }

    /** The bytes, in the machine's byte order; meant for absolute access. */
    ByteBuffer bytes() {
        return bytes;
    }

    /** The address of the first byte. */
    long address() {
        return address;
    }

    /** Frees temporary bytes. Every user calls this once, and touches nothing afterwards. */
    void release() {
        if (memory != null) {
            memory.free();
        }
    }
}
