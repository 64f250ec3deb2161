package io.uloop.poller;

import java.nio.ByteBuffer;

/**
 * Slots for datagrams that are received or sent by one call, to be used again for the next ones, so
 * that none costs an object. Each slot has bytes outside the heap, an address, and what else there
 * is to say about a datagram. What was received can be sent as it is: that is an echo.
 *
 * <p>A slot may stand for several datagrams in a row to or from one address, all of {@link
 * #segmentBytes} but the last, which may be shorter: Linux moves such a row at the cost of one
 * datagram (UDP_SEGMENT, UDP_GRO); elsewhere {@link Descriptors} sends them one by one, and none is
 * ever received so. They are received so only with {@link KernelSocketOptions#UDP_GRO}.
 *
 * <p>One thread at a time; works with every backend. The bytes are freed by the collector.
 *
 * @see Descriptors#receive(int, DatagramBatch)
 * @see Descriptors#send(int, DatagramBatch, int, int)
 */
public final class DatagramBatch {
    /** How many slots one may have; Linux takes no more in one call. */
    public static final int MAX_CAPACITY = 1024;

    private final int slotBytes;
    private final ByteBuffer[] data;
    private final DatagramAddress[] addresses;
    private final int[] segmentBytes;
    private final boolean[] truncated;

    /**
     * Makes one with empty slots.
     *
     * @param capacity how many slots, 1 to {@link #MAX_CAPACITY}
     * @param slotBytes how many bytes each holds, 1 or more; 65535 are enough for any UDP datagram
     *     and any row of them
     * @throws IllegalArgumentException if one is out of range, or all bytes are more than a buffer
     *     holds
     */
    public DatagramBatch(int capacity, int slotBytes) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException(
                    "capacity " + capacity + " is not from 1 to " + MAX_CAPACITY);
        }
        if (slotBytes < 1 || (long) slotBytes * capacity > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "slots of " + slotBytes + " bytes; take 1 or more, all together below 2 GiB");
        }
        this.slotBytes = slotBytes;
        ByteBuffer block = ByteBuffer.allocateDirect(slotBytes * capacity);
        data = new ByteBuffer[capacity];
        addresses = new DatagramAddress[capacity];
        segmentBytes = new int[capacity];
        truncated = new boolean[capacity];
        for (int i = 0; i < capacity; i++) {
            data[i] = block.slice(slotBytes * i, slotBytes).limit(0);
            addresses[i] = new DatagramAddress();
        }
    }

    /**
     * Tells how many slots there are.
     *
     * @return 1 or more
     */
    public int capacity() {
        return data.length;
    }

    /**
     * Tells how many bytes a slot holds.
     *
     * @return 1 or more
     */
    public int slotBytes() {
        return slotBytes;
    }

    /**
     * The bytes of a slot: received ones from 0 to the limit, ones to be sent from the position to
     * the limit. The slots lie one after the other.
     *
     * @param slot 0 or more, below the capacity
     * @return the same direct buffer every time
     */
    public ByteBuffer data(int slot) {
        return data[slot];
    }

    /**
     * The sender or receiver of a slot.
     *
     * @param slot 0 or more, below the capacity
     * @return the same object every time
     */
    public DatagramAddress address(int slot) {
        return addresses[slot];
    }

    /**
     * Tells whether a slot is a row of datagrams.
     *
     * @param slot 0 or more, below the capacity
     * @return the bytes of each but the last; 0 if it is a single datagram
     */
    public int segmentBytes(int slot) {
        return segmentBytes[slot];
    }

    /**
     * Makes a slot a row of datagrams.
     *
     * @param slot 0 or more, below the capacity
     * @param bytes those of each but the last, to 65535; 0 for a single datagram
     * @throws IllegalArgumentException if they are out of range
     */
    public void setSegmentBytes(int slot, int bytes) {
        if (bytes < 0 || bytes > 0xffff) {
            throw new IllegalArgumentException(bytes + " bytes are not from 0 to 65535");
        }
        segmentBytes[slot] = bytes;
    }

    /**
     * Tells whether a received datagram was longer than its slot, so that its end is lost. Known on
     * the native backends on Linux, false elsewhere.
     *
     * @param slot 0 or more, below the capacity
     * @return true if something is missing
     */
    public boolean isTruncated(int slot) {
        return truncated[slot];
    }

    /**
     * Describes a slot as received; its address is the receiver's to set. For {@link Descriptors}.
     *
     * @param slot 0 or more, below the capacity
     * @param length how many bytes were written from the start of the slot, up to its size
     * @param segments as {@link #segmentBytes}
     * @param cut as {@link #isTruncated}
     */
    public void setReceived(int slot, int length, int segments, boolean cut) {
        data[slot].limit(length).position(0);
        setSegmentBytes(slot, segments);
        truncated[slot] = cut;
    }
}
