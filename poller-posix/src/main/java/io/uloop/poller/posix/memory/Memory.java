package io.uloop.poller.posix.memory;

import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Posix;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An off-heap block with an address for the kernel and a bounds-checked view for Java. Freed
 * explicitly, so that a closed poller does not hold memory until the next collection. Not
 * thread-safe.
 */
public final class Memory {
    private final long address;
    private final ByteBuffer view;

    private Memory(long address, int bytes) {
        this.address = address;
        view = Posix.view(address, bytes).order(ByteOrder.nativeOrder());
    }

    /**
     * Allocates a zeroed block.
     *
     * @param bytes its size, 1 or more
     * @return the block
     * @throws OutOfMemoryError if there is not enough memory
     */
    public static Memory allocate(int bytes) {
        long address = Libc.CALLS.calloc(1, bytes);
        if (address == 0) {
            throw new OutOfMemoryError("cannot allocate " + bytes + " bytes of off-heap memory");
        }
        return new Memory(address, bytes);
    }

    /** {@return the address of the block, invalid once it is freed} */
    public long address() {
        return address;
    }

    /**
     * Returns the whole block in native byte order, for absolute access.
     *
     * @return the same buffer every time, invalid once the block is freed
     */
    public ByteBuffer view() {
        return view;
    }

    /** Frees the block. Must be called at most once. */
    public void free() {
        Libc.CALLS.free(address);
    }

    /**
     * Returns the address of a direct buffer's first byte.
     *
     * @param buffer a direct buffer, which must stay reachable while the address is in use
     * @return the address of index 0
     */
    public static long addressOf(ByteBuffer buffer) {
        return Posix.addressOf(buffer);
    }

    /**
     * Keeps a buffer, or what holds buffers, reachable until this call. Called in a finally block
     * after the kernel has used an address of it. Otherwise the collector might free the memory
     * during the call.
     *
     * @param holder the buffer or its holder
     */
    @SuppressWarnings("ReachabilityFenceUsage") // the callers have the finally blocks
    public static void keep(Object holder) {
        Reference.reachabilityFence(holder);
    }
}
