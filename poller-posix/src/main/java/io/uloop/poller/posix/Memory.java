package io.uloop.poller.posix;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One off-heap block: an address for the kernel and a bounds-checked view for Java. Freed by hand,
 * so that a closed poller holds nothing until the next collection. One thread at a time.
 */
public final class Memory {
    private final long address;
    private final ByteBuffer view;

    private Memory(long address, int bytes) {
        this.address = address;
        view =
                MemoryIO.getInstance()
                        .newDirectByteBuffer(address, bytes)
                        .order(ByteOrder.nativeOrder());
    }

    /**
     * Allocates a zeroed block.
     *
     * @param bytes its size, 1 or more
     * @return the block
     * @throws OutOfMemoryError if there is no memory
     */
    public static Memory allocate(int bytes) {
        long address = Libc.CALLS.calloc(1, bytes);
        if (address == 0) {
            throw new OutOfMemoryError("no memory for " + bytes + " bytes outside the heap");
        }
        return new Memory(address, bytes);
    }

    /**
     * Where the block is.
     *
     * @return its address; not to be used once freed
     */
    public long address() {
        return address;
    }

    /**
     * The whole block, in the machine's byte order; meant for absolute access.
     *
     * @return the same buffer every time; not to be used once freed
     */
    public ByteBuffer view() {
        return view;
    }

    /** Frees the block. To be called once. */
    public void free() {
        Libc.CALLS.free(address);
    }

    /**
     * The address of a direct buffer's first byte.
     *
     * @param buffer a direct buffer, which must stay reachable while the address is in use
     * @return the address of index 0
     */
    static long addressOf(ByteBuffer buffer) {
        return MemoryIO.getInstance().getDirectBufferAddress(buffer);
    }
}
