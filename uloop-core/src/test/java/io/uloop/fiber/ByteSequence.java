package io.uloop.fiber;

import java.nio.ByteBuffer;

/**
 * One direction of a stream whose bytes are determined by their position, so that a byte lost,
 * repeated or moved is noticed. Not thread-safe: one fiber sends or receives.
 */
final class ByteSequence {
    private final int key;
    private long position;

    ByteSequence(int key) {
        this.key = key;
    }

    /** {@return how many bytes have been sent or received} */
    long position() {
        return position;
    }

    /** Fills the rest of a buffer with the bytes that follow. */
    void fill(ByteBuffer buffer) {
        int start = buffer.position();
        for (int i = start; i < buffer.limit(); i++) {
            buffer.put(i, byteAt(position + i - start));
        }
    }

    /** Continues behind bytes that were sent. */
    void sent(int count) {
        position += count;
    }

    /**
     * Continues behind bytes that were received.
     *
     * @throws AssertionError if one of them is not the expected one
     */
    void received(ByteBuffer buffer, int from, int to) {
        for (int i = from; i < to; i++) {
            if (buffer.get(i) != byteAt(position)) {
                throw new AssertionError(
                        "byte "
                                + position
                                + " of the stream is "
                                + buffer.get(i)
                                + " instead of "
                                + byteAt(position)
                                + ", "
                                + (i - from)
                                + " bytes after the start of the operation");
            }
            position++;
        }
    }

    private byte byteAt(long place) {
        long mixed = (place + key) * 0x9E3779B97F4A7C15L;
        return (byte) (mixed >>> 56);
    }
}
