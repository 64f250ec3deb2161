package io.uloop.connection;

import io.uloop.memory.BufferShare;
import io.uloop.net.ByteStream;
import io.uloop.net.UnixChannel;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The outgoing side of a connection: pending bytes, followed by the end of the stream. If nothing
 * is pending, bytes go to the channel at once.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class WriteSide {
    private enum State {
        OPEN,
        /** The user has ended the output. The end of the stream follows the pending bytes. */
        ENDING,
        /** The end of the stream has been sent. */
        ENDED
    }

    private final Shared shared;
    private State state = State.OPEN;
    private @Nullable WriteQueue queue; // null until bytes are pending for the first time

    WriteSide(Shared shared) {
        this.shared = shared;
    }

    Shared shared() {
        return shared;
    }

    /** Records that the channel can only be read. */
    void neverOpen() {
        state = State.ENDED;
    }

    /** Returns whether new bytes are accepted. */
    boolean isOpen() {
        return state == State.OPEN;
    }

    /** Returns whether the end of the stream has been sent. */
    boolean isEnded() {
        return state == State.ENDED;
    }

    boolean isPending() {
        return queue != null && !queue.isEmpty();
    }

    /** Returns whether pending bytes have reached the high watermark and not yet the low one. */
    boolean isFull() {
        return queue != null && queue.isFull();
    }

    long bytes() {
        return queue == null ? 0 : queue.bytes();
    }

    /** Returns whether a task must be queued to flush again, if no event will report it. */
    boolean needsTask() {
        return queue != null && queue.needsTask();
    }

    /** Records that the queued task runs. Returns whether it is to flush. */
    boolean taskRuns() {
        return queue != null && queue.taskRuns();
    }

    /** Returns what counts the memory of pending bytes; null if none has been pending. */
    @Nullable BufferShare share() {
        return queue == null ? null : queue.share();
    }

    /** Returns what counts the memory of a connection, also of its pending bytes. */
    BufferShare share(BufferShare.Owner owner) {
        return queue(owner).share();
    }

    /** Ends the output after the pending bytes. Idempotent. */
    void end() {
        if (state == State.OPEN) {
            state = State.ENDING;
        }
    }

    /** Returns whether the end of the stream is to be sent now. */
    boolean isEndDue() {
        return state == State.ENDING && !isPending();
    }

    /** Sends the end of the stream. */
    void sendEnd(ByteStream channel) throws IOException {
        try {
            channel.shutdownOutput();
        } catch (PollerException e) {
            if (e.errno() != Errno.ENOTCONN) {
                throw e;
            }
            // The peer is gone, which ends this direction too. Unless the peer had ended its own
            // direction, the bytes before the reset and then the reset are still to be read.
        }
        state = State.ENDED;
    }

    /**
     * Consumes a buffer. Returns the number of bytes that the channel took.
     *
     * @param owner ends the connection if pending bytes take too much memory
     */
    long send(ByteStream channel, ByteBuffer source, BufferShare.Owner owner) throws IOException {
        long taken = isPending() ? 0 : channel.write(source);
        if (source.hasRemaining()) {
            queue(owner).add(source);
        }
        return taken;
    }

    /**
     * Consumes several buffers. Returns the number of bytes that the channel took.
     *
     * @param owner ends the connection if pending bytes take too much memory
     */
    long send(
            ByteStream channel,
            ByteBuffer[] sources,
            int offset,
            int length,
            BufferShare.Owner owner)
            throws IOException {
        int[] starts = shared.buffers.positions(sources, offset, length);
        long taken = isPending() ? 0 : channel.write(sources, offset, length);
        long left = taken;
        for (int i = 0; i < length; i++) {
            ByteBuffer source = sources[offset + i];
            int part = (int) Math.min(left, source.limit() - starts[i]);
            source.position(starts[i] + part); // the buffer may occur earlier, too
            if (source.hasRemaining()) {
                queue(owner).add(source);
            }
            left -= part;
        }
        return taken;
    }

    /**
     * Adds a part behind the pending bytes. Returns the number of bytes that the channel took.
     *
     * @param owner ends the connection if pending bytes take too much memory
     */
    long send(ByteStream channel, QueuedPart part, BufferShare.Owner owner) throws IOException {
        boolean first = !isPending();
        WriteQueue known = queue(owner);
        known.add(part);
        return first ? known.flush(channel) : 0;
    }

    /**
     * Consumes a buffer and passes descriptors with its first byte. Returns the number of bytes
     * that the channel took.
     *
     * @param owner ends the connection if pending bytes take too much memory
     */
    long send(UnixChannel channel, ByteBuffer source, int[] descriptors, BufferShare.Owner owner)
            throws IOException {
        long taken = isPending() ? 0 : channel.sendDescriptors(source, descriptors);
        if (taken == 0) {
            queue(owner).add(new DescriptorPart(Passing.io(channel), descriptors));
        }
        if (source.hasRemaining()) {
            queue(owner).add(source);
        }
        return taken;
    }

    /**
     * Adds a handler behind the pending bytes.
     *
     * @param lost whether the bytes of the handler have been lost
     */
    void mark(SentHandler handler, boolean lost, BufferShare.Owner owner) {
        queue(owner).mark(handler, lost);
    }

    /** Returns the handlers of sent bytes; null if none has been added. */
    @Nullable SentMarks marks() {
        return queue == null ? null : queue.marks();
    }

    private WriteQueue queue(BufferShare.Owner owner) {
        WriteQueue known = queue;
        if (known == null) {
            known = new WriteQueue(shared, new BufferShare(shared.budget, owner));
            queue = known;
        }
        return known;
    }

    /** Returns the level-triggered interest. */
    int interest() {
        return isPending() ? UEvent.OUT : UEvent.NONE;
    }

    /** Writes pending bytes until the channel takes no more. Returns how many it took. */
    long flush(ByteStream channel) throws IOException {
        return queue == null ? 0 : queue.flush(channel);
    }

    /** Discards pending bytes. */
    void clear() {
        if (queue != null) {
            queue.clear();
        }
    }
}
