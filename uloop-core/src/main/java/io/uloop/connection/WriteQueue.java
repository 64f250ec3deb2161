package io.uloop.connection;

import io.uloop.memory.BufferShare;
import io.uloop.memory.LoopBuffers;
import io.uloop.net.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that wait to be sent, in pooled segments, and parts of files between them.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class WriteQueue {
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    /** Bounds the bytes of parts in one flush, so that the other connections get their turn. */
    private static final int MAX_PART_BYTES = 1 << 20;

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
    private int removed; // the number of segments removed so far, which wraps
    private @Nullable ArrayDeque<QueuedPart> parts; // null until there is one for the first time
    private boolean cutShort; // the last flush stopped, although the stream takes more
    private boolean queued; // a task will flush
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
     * Writes until nothing is pending or the stream takes no more. Returns the number of bytes that
     * it took.
     */
    long flush(ByteStream stream) throws IOException {
        long sent = 0;
        long ofParts = 0;
        cutShort = false;
        while (!isEmpty()) {
            QueuedPart part = firstPart();
            long written =
                    part == null
                            ? stream.write(segments, head, ahead())
                            : part.send(stream, count > 0 ? segments[head] : NONE);
            if (written == 0) {
                break;
            }
            sent += written;
            consumed(written);
            if (part == null && count > 0 && segments[head].position() > 0) {
                break; // taken in part: the kernel is full; at a boundary it may be IOV_MAX
            }
            ofParts += part == null ? 0 : written;
            if (ofParts >= MAX_PART_BYTES && !isEmpty()) {
                cutShort = true;
                break;
            }
        }
        return sent;
    }

    /** Returns whether a task must be queued to flush again, if no event will report it. */
    boolean needsTask() {
        boolean needed = cutShort && !queued;
        queued |= needed;
        return needed;
    }

    /** Records that the queued task runs. Returns whether it is to flush. */
    boolean taskRuns() {
        boolean flush = queued;
        queued = false;
        return flush;
    }

    /** Records that the first bytes have been taken. */
    void consumed(long taken) {
        bytes -= taken;
        full &= bytes > lowWatermark;
        while (count > 0 && !segments[head].hasRemaining()) {
            removeFirst();
        }
        if (marks != null) {
            marks.sent(taken);
        }
    }

    /** Returns the number of segments before the first part. */
    private int ahead() {
        QueuedPart next = parts == null ? null : parts.peek();
        return next == null ? count : next.nextSegment - removed;
    }

    /** Returns the part that comes before all segments; null if there is none. */
    @Nullable QueuedPart firstPart() {
        while (parts != null && !parts.isEmpty() && ahead() <= 0) {
            QueuedPart first = parts.element();
            if (!first.isDone()) {
                return first;
            }
            parts.remove();
        }
        return null;
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
        if (parts != null) {
            parts.forEach(QueuedPart::drop);
            parts.clear();
        }
        bytes = 0;
        cutShort = false;
    }

    /**
     * Returns the first segment that holds bytes, for a consumer other than a stream, which calls
     * {@link #consumed} afterwards; null if a part comes first.
     */
    @Nullable ByteBuffer first() {
        return firstPart() == null && count > 0 ? segments[head] : null;
    }

    /** Adds a part behind the bytes. */
    void add(QueuedPart part) throws IOException {
        count(part.bytes());
        ArrayDeque<QueuedPart> known = parts;
        if (known == null) {
            known = new ArrayDeque<>(2);
            parts = known;
        }
        part.nextSegment = removed + count;
        known.add(part);
    }

    private void count(long added) throws IOException {
        if (added > Long.MAX_VALUE - bytes) {
            throw new IOException(
                    "cannot queue " + added + " bytes after " + bytes + ": the sum is too large");
        }
        bytes += added;
        full |= bytes >= highWatermark;
    }

    /** Adds the rest of a buffer, which is empty afterwards. */
    void add(ByteBuffer source) throws IOException {
        count(source.remaining());
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
        removed++;
    }

    /**
     * Returns the last segment if it has room, otherwise a new one. Segments grow with the queue,
     * so that few bytes take little memory and many bytes take few segments.
     */
    private ByteBuffer tail(int wanted) throws IOException {
        int size = wanted;
        QueuedPart lastPart = parts == null ? null : parts.peekLast();
        boolean sealed = lastPart != null && lastPart.nextSegment == removed + count;
        if (count > 0) {
            ByteBuffer last = segments[head + count - 1];
            if (!sealed && last.limit() < last.capacity()) {
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
