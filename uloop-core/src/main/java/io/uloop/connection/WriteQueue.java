package io.uloop.connection;

import io.uloop.memory.BufferShare;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.Arrays;

/**
 * The output of one connection. If nothing is pending, bytes go to the kernel at once. Bytes that
 * the kernel does not take wait in pooled segments.
 */
final class WriteQueue {
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final GatheringByteChannel channel;
    private final LoopBuffers buffers;
    private final BufferShare share;
    private final int lowWatermark;
    private final int highWatermark;

    /**
     * The segments from {@code head} on. Each holds bytes from its position to its limit. Free
     * elements are NONE.
     */
    private ByteBuffer[] segments = {NONE, NONE, NONE, NONE};

    private int head;
    private int count;
    private long bytes;
    private boolean full; // from the high watermark down to the low one

    /** The positions of the buffers at the start of a gathered write. */
    private int[] starts = {};

    WriteQueue(
            GatheringByteChannel channel,
            LoopBuffers buffers,
            BufferShare share,
            ConnectionOptions options) {
        this.channel = channel;
        this.buffers = buffers;
        this.share = share;
        lowWatermark = options.lowWatermark();
        highWatermark = options.highWatermark();
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    boolean isFull() {
        return full;
    }

    long bytes() {
        return bytes;
    }

    /** Consumes a buffer. Returns the number of bytes that the kernel took. */
    long write(ByteBuffer source) throws IOException {
        long sent = isEmpty() ? channel.write(source) : 0;
        add(source);
        return sent;
    }

    /** Consumes several buffers. Returns the number of bytes that the kernel took. */
    long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        if (starts.length < length) {
            starts = new int[length];
        }
        for (int i = 0; i < length; i++) {
            starts[i] = sources[offset + i].position();
        }
        long sent = isEmpty() ? channel.write(sources, offset, length) : 0;
        long left = sent;
        for (int i = 0; i < length; i++) {
            ByteBuffer source = sources[offset + i];
            int taken = (int) Math.min(left, source.limit() - starts[i]);
            source.position(starts[i] + taken); // the buffer may occur earlier, too
            add(source);
            left -= taken;
        }
        return sent;
    }

    /**
     * Writes until nothing is pending or the kernel takes no more. Returns the number of bytes that
     * the kernel took.
     */
    long flush() throws IOException {
        long sent = 0;
        while (!isEmpty()) {
            long written = channel.write(segments, head, count);
            if (written == 0) {
                break;
            }
            sent += written;
            bytes -= written;
            while (count > 0 && !segments[head].hasRemaining()) {
                removeFirst();
            }
            if (count > 0 && segments[head].position() > 0) {
                break; // taken in part: the kernel is full; at a boundary it may be IOV_MAX
            }
        }
        full &= bytes > lowWatermark;
        return sent;
    }

    /** Discards all pending bytes. */
    void clear() {
        while (count > 0) {
            removeFirst();
        }
        bytes = 0;
    }

    private void add(ByteBuffer source) throws IOException {
        bytes += source.remaining();
        full |= bytes >= highWatermark;
        while (source.hasRemaining()) {
            ByteBuffer tail = tail(source.remaining());
            int end = tail.limit();
            int length = Math.min(source.remaining(), tail.capacity() - end);
            tail.limit(end + length);
            tail.put(end, source, source.position(), length);
            source.position(source.position() + length);
        }
    }

    private void removeFirst() {
        buffers.release(share, segments[head]);
        segments[head++] = NONE;
        count--;
    }

    /**
     * Returns the last segment if it has room, otherwise a new one. Segments grow with the queue,
     * so that few bytes take little memory and many bytes take few segments.
     */
    private ByteBuffer tail(int wanted) throws IOException {
        int size = wanted;
        if (count > 0) {
            ByteBuffer last = segments[head + count - 1];
            if (last.limit() < last.capacity()) {
                return last;
            }
            size = Math.max(wanted, last.capacity() * 2);
        }
        makePlace();
        ByteBuffer added = buffers.take(share, Math.min(size, LoopBuffers.SEGMENT_BYTES)).limit(0);
        segments[head + count++] = added;
        return added;
    }

    private void makePlace() {
        if (head + count < segments.length) {
            return;
        }
        // Moves in place only if at least half is free, so each segment moves about once.
        ByteBuffer[] target = head >= count ? segments : new ByteBuffer[segments.length * 2];
        System.arraycopy(segments, head, target, 0, count);
        Arrays.fill(target, count, target.length, NONE);
        segments = target;
        head = 0;
    }
}
