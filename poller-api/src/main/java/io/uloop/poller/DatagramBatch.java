package io.uloop.poller;

import java.nio.ByteBuffer;

/**
 * A reusable batch of datagrams that are received or sent with one call. Reusing it avoids
 * allocation per datagram. Each slot has off-heap bytes, an address and metadata of one datagram. A
 * received batch can be sent without changes, which makes an echo.
 *
 * <p>A slot may hold segmented datagrams to or from one address: all are {@link #segmentBytes} long
 * except the last, which may be shorter. Linux transfers such a slot at the cost of one datagram
 * (UDP_SEGMENT, UDP_GRO). On other systems {@link Descriptors} sends the segments one by one and
 * never receives them together. They are received together only with {@link
 * KernelSocketOptions#UDP_GRO}.
 *
 * <p>Works with every backend. The garbage collector frees the bytes.
 *
 * <p>Not thread-safe.
 *
 * @see Descriptors#receive(int, DatagramBatch)
 * @see Descriptors#send(int, DatagramBatch, int, int)
 * @since 0.1
 */
public final class DatagramBatch {
    /** The maximum number of slots. Linux does not accept more in one call. */
    public static final int MAX_CAPACITY = 1024;

    private final int slotBytes;
    private final ByteBuffer[] data;
    private final DatagramInfo[] infos;
    private final int[] segmentBytes;

    /**
     * Creates a batch of empty slots.
     *
     * @param capacity the number of slots, 1 to {@link #MAX_CAPACITY}
     * @param slotBytes the size of each slot in bytes, 1 or more; 65535 is enough for any UDP
     *     datagram and for any segmented datagrams
     * @throws IllegalArgumentException if an argument is out of range, or if the total size exceeds
     *     the size limit of a buffer
     */
    public DatagramBatch(int capacity, int slotBytes) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException(
                    "capacity " + capacity + " is out of range 1 to " + MAX_CAPACITY);
        }
        if (slotBytes < 1 || (long) slotBytes * capacity > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "slot size "
                            + slotBytes
                            + " is out of range; use 1 or more, and less than 2 GiB for all slots");
        }
        this.slotBytes = slotBytes;
        ByteBuffer block = ByteBuffer.allocateDirect(slotBytes * capacity);
        data = new ByteBuffer[capacity];
        infos = new DatagramInfo[capacity];
        segmentBytes = new int[capacity];
        for (int i = 0; i < capacity; i++) {
            data[i] = block.slice(slotBytes * i, slotBytes).limit(0);
            infos[i] = new DatagramInfo();
        }
    }

    /** {@return the number of slots, 1 or more} */
    public int capacity() {
        return data.length;
    }

    /** {@return the size of each slot in bytes, 1 or more} */
    public int slotBytes() {
        return slotBytes;
    }

    /**
     * Returns the bytes of a slot. Received bytes are between 0 and the limit. Bytes to send are
     * between the position and the limit. The slots are adjacent in memory.
     *
     * @param slot 0 or more, below the capacity
     * @return the same direct buffer every time
     */
    public ByteBuffer data(int slot) {
        return data[slot];
    }

    /**
     * Returns the address of a slot's sender or receiver.
     *
     * @param slot 0 or more, below the capacity
     * @return the same object every time
     */
    public DatagramAddress address(int slot) {
        return infos[slot].peer();
    }

    /**
     * Returns the details of a slot's datagram. A slot with a local address is sent from it, and
     * one that was received has such an address if {@link KernelSocketOptions#IP_PKTINFO} is on.
     *
     * @param slot 0 or more, below the capacity
     * @return the same object every time, whose peer is {@link #address}
     */
    public DatagramInfo info(int slot) {
        return infos[slot];
    }

    /**
     * Returns the segment size of a slot of segmented datagrams.
     *
     * @param slot 0 or more, below the capacity
     * @return the bytes in each datagram except the last; 0 if the slot holds a single datagram
     */
    public int segmentBytes(int slot) {
        return segmentBytes[slot];
    }

    /**
     * Sets the segment size of a slot.
     *
     * @param slot 0 or more, below the capacity
     * @param bytes the bytes in each datagram except the last, up to 65535; 0 for a single datagram
     * @throws IllegalArgumentException if the size is out of range
     */
    public void setSegmentBytes(int slot, int bytes) {
        if (bytes < 0 || bytes > 0xffff) {
            throw new IllegalArgumentException(
                    "segment size " + bytes + " is out of range 0 to 65535");
        }
        segmentBytes[slot] = bytes;
    }

    /**
     * Returns whether a received datagram was longer than its slot, so that its end was discarded.
     * Native backends detect this; with NIO the result is always false.
     *
     * @param slot 0 or more, below the capacity
     * @return true if bytes are missing
     */
    public boolean isTruncated(int slot) {
        return infos[slot].isTruncated();
    }

    /**
     * Marks a slot as received. The receiving {@link Descriptors} calls this and sets the slot's
     * {@link #info} itself.
     *
     * @param slot 0 or more, below the capacity
     * @param length the bytes written from the start of the slot, up to its size
     * @param segments as {@link #segmentBytes}
     */
    public void setReceived(int slot, int length, int segments) {
        data[slot].limit(length).position(0);
        setSegmentBytes(slot, segments);
    }
}
