package io.uloop.poller.tck.fuzz;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A queue of bytes that were written but not read. */
final class ByteQueue {
    private byte[] bytes = {};
    private int head;
    private int tail;

    int size() {
        return tail - head;
    }

    /** Appends the remaining bytes of a buffer. Does not move its position. */
    void add(ByteBuffer source) {
        int count = source.remaining();
        if (tail + count > bytes.length) {
            bytes = Arrays.copyOfRange(bytes, head, head + Math.max(2 * size(), size() + count));
            tail = size();
            head = 0;
        }
        source.get(source.position(), bytes, tail, count);
        tail += count;
    }

    /** Returns whether the remaining bytes of a buffer equal the queue's from an offset. */
    boolean contains(int offset, ByteBuffer read) {
        return read.remaining() <= size() - offset
                && ByteBuffer.wrap(bytes, head + offset, read.remaining()).equals(read);
    }

    /** Removes bytes from the head of the queue. */
    void remove(int count) {
        head += count;
    }

    /** Removes bytes from the head of the queue into a buffer, as many as fit. */
    int remove(ByteBuffer target) {
        int count = Math.min(size(), target.remaining());
        target.put(bytes, head, count);
        head += count;
        return count;
    }

    void clear() {
        head = tail;
    }
}
