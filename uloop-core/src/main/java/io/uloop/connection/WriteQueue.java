package io.uloop.connection;

import io.uloop.memory.BufferShare;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that wait to be sent, in pooled segments.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class WriteQueue {
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

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
    private @Nullable SentMarks marks; // null until a handler waits for the first time

    WriteQueue(Shared shared, BufferShare share) {
        this.share = share;
        buffers = shared.buffers;
        lowWatermark = shared.options.lowWatermark();
        highWatermark = shared.options.highWatermark();
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

    BufferShare share() {
        return share;
    }

    /**
     * Writes until nothing is pending or the channel takes no more. Returns the number of bytes
     * that it took.
     */
    long flush(GatheringByteChannel channel) throws IOException {
        long sent = 0;
        while (!isEmpty()) {
            long written = channel.write(segments, head, count);
            if (written == 0) {
                break;
            }
            sent += written;
            bytes -= written;
            if (marks != null) {
                marks.sent(written);
            }
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

    /** Returns the handlers of sent bytes; null if none has been added. */
    @Nullable SentMarks marks() {
        return marks;
    }

    /** Adds a handler behind the pending bytes. */
    void mark(SentHandler handler, boolean lost) {
        SentMarks known = marks;
        if (known == null) {
            known = new SentMarks();
            marks = known;
        }
        known.add(handler, lost ? -1 : bytes);
    }

    /** Discards all pending bytes. Their handlers stay, and their bytes are never sent. */
    void clear() {
        while (count > 0) {
            removeFirst();
        }
        bytes = 0;
    }

    /**
     * Returns the first segment that holds bytes, for a consumer other than a channel, which calls
     * {@link #clear} at the end; null if none is left.
     */
    @Nullable ByteBuffer first() {
        while (count > 0 && !segments[head].hasRemaining()) {
            removeFirst();
        }
        return count == 0 ? null : segments[head];
    }

    /** Adds the rest of a buffer, which is empty afterwards. */
    void add(ByteBuffer source) throws IOException {
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
