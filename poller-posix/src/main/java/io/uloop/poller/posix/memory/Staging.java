package io.uloop.poller.posix.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Off-heap memory for the bytes of a buffer that the kernel must not access directly. Not
 * thread-safe.
 */
public final class Staging {
    private final ByteBuffer bytes;
    private final long address;
    private final @Nullable Memory memory;

    private Staging(ByteBuffer bytes, long address, @Nullable Memory memory) {
        this.bytes = bytes;
        this.address = address;
        this.memory = memory;
    }

    /** Allocates memory that the collector frees. */
    static Staging kept(int capacity) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(capacity).order(ByteOrder.nativeOrder());
        return new Staging(bytes, Memory.addressOf(bytes), null);
    }

    /** Allocates memory that {@link #release} frees. */
    static Staging temporary(int capacity) {
        Memory memory = Memory.allocate(capacity);
        return new Staging(memory.view(), memory.address(), memory);
    }

    public int capacity() {
        return bytes.capacity();
    }

    /** Returns the bytes in native byte order, for absolute access. */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** {@return the address of the first byte} */
    public long address() {
        return address;
    }

    /**
     * Frees temporary memory. Every user must call this once and must not use the memory
     * afterwards.
     */
    public void release() {
        if (memory != null) {
            memory.free();
        }
    }
}
