package io.uloop.poller.select;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.util.Objects;

/**
 * Reads into and writes from several buffers. NIO uses at most 1024 of them in one call and ignores
 * the rest, even for a datagram. This class transfers the remaining buffers of a stream with
 * further calls, and copies those of a datagram into one buffer. Thread-safe.
 */
final class GatheredCalls {
    /** IOV_MAX of Linux, macOS and the BSDs, which NIO queries. */
    private static final int MAX_BUFFERS = 1024;

    /** The longest array in which equal elements are searched for. */
    private static final int MAX_COMPARED = 16;

    /** More than the largest UDP datagram. */
    private static final int MAX_DATAGRAM_BYTES = 1 << 16;

    private GatheredCalls() {}

    static long read(ScatteringByteChannel channel, ByteBuffer[] targets, int offset, int length)
            throws IOException {
        if (length <= MAX_BUFFERS) {
            return readOnce(channel, targets, offset, length);
        }
        Objects.checkFromIndexSize(offset, length, targets.length);
        if (channel instanceof DatagramChannel datagram) {
            return readDatagram(datagram, targets, offset, length);
        }
        Call call = (buffers, from, count) -> readOnce(channel, buffers, from, count);
        return inParts(call, targets, offset, length);
    }

    /** NIO loses bytes if an array contains the same buffer twice, so it gets duplicates. */
    private static long readOnce(
            ScatteringByteChannel channel, ByteBuffer[] targets, int offset, int length)
            throws IOException {
        if (!hasRepetition(targets, offset, length)) {
            return channel.read(targets, offset, length);
        }
        ByteBuffer[] views = duplicates(targets, offset, length);
        long moved = channel.read(views, 0, length);
        advance(targets, offset, views);
        return moved;
    }

    @SuppressWarnings("ReferenceEquality") // equal bytes in two buffers are two targets
    private static boolean hasRepetition(ByteBuffer[] targets, int offset, int length) {
        if (length > MAX_COMPARED) {
            return true; // perhaps; comparing all would take longer than duplicates
        }
        for (int i = offset; i < offset + length; i++) {
            for (int j = offset; j < i; j++) {
                if (targets[i] == targets[j]) {
                    return true;
                }
            }
        }
        return false;
    }

    private static ByteBuffer[] duplicates(ByteBuffer[] buffers, int offset, int length) {
        ByteBuffer[] views = new ByteBuffer[length];
        for (int i = 0; i < length; i++) {
            views[i] = buffers[offset + i].duplicate();
        }
        return views;
    }

    /** Moves each buffer to the position of the last of its duplicates that got bytes. */
    private static void advance(ByteBuffer[] targets, int offset, ByteBuffer[] views) {
        int[] starts = new int[views.length];
        for (int i = 0; i < views.length; i++) {
            starts[i] = targets[offset + i].position();
        }
        for (int i = 0; i < views.length; i++) {
            if (views[i].position() > starts[i]) {
                targets[offset + i].position(views[i].position());
            }
        }
    }

    static long write(GatheringByteChannel channel, ByteBuffer[] sources, int offset, int length)
            throws IOException {
        if (length <= MAX_BUFFERS) {
            return channel.write(sources, offset, length);
        }
        Objects.checkFromIndexSize(offset, length, sources.length);
        if (channel instanceof DatagramChannel datagram) {
            return writeDatagram(datagram, sources, offset, length);
        }
        return inParts(channel::write, sources, offset, length);
    }

    @FunctionalInterface
    private interface Call {
        long of(ByteBuffer[] buffers, int offset, int length) throws IOException;
    }

    private static long inParts(Call call, ByteBuffer[] buffers, int offset, int length)
            throws IOException {
        int[] starts = new int[length]; // a later part may contain the same buffer again
        int[] ends = new int[length];
        for (int i = 0; i < length; i++) {
            starts[i] = buffers[offset + i].position();
            ends[i] = Math.max(starts[i], buffers[offset + i].limit());
        }
        long done = 0;
        try {
            for (int from = 0; from < length; from += MAX_BUFFERS) {
                int end = Math.min(from + MAX_BUFFERS, length);
                long asked = 0;
                for (int i = from; i < end; i++) {
                    asked += ends[i] - starts[i];
                    buffers[offset + i].position(starts[i]);
                }
                long moved = call.of(buffers, offset + from, end - from);
                if (moved < 0) {
                    return done == 0 ? moved : done;
                }
                done += moved;
                if (moved < asked) {
                    return done;
                }
            }
            return done;
        } catch (IOException e) {
            if (done == 0) {
                throw e;
            }
            return done; // the next call fails too
        } finally {
            long left = done;
            for (int i = 0; left > 0; i++) {
                int part = (int) Math.min(ends[i] - starts[i], left);
                if (part > 0) {
                    buffers[offset + i].position(starts[i] + part);
                }
                left -= part;
            }
        }
    }

    private static long writeDatagram(
            DatagramChannel channel, ByteBuffer[] sources, int offset, int length)
            throws IOException {
        // NIO only needs to see that a datagram is too long, not how long it is.
        ByteBuffer whole = ByteBuffer.allocate(bytes(sources, offset, length));
        for (int i = offset; i < offset + length && whole.hasRemaining(); i++) {
            ByteBuffer source = sources[i].duplicate();
            source.limit(source.position() + Math.min(source.remaining(), whole.remaining()));
            whole.put(source);
        }
        long sent = channel.write(whole.flip());
        for (int i = offset; i < offset + length && sent > 0; i++) {
            sources[i].position(sources[i].limit());
        }
        return sent;
    }

    private static long readDatagram(
            DatagramChannel channel, ByteBuffer[] targets, int offset, int length)
            throws IOException {
        ByteBuffer whole = ByteBuffer.allocate(bytes(targets, offset, length));
        for (int i = offset; i < offset + length; i++) {
            if (targets[i].isReadOnly()) {
                throw new IllegalArgumentException("a target buffer is read-only");
            }
        }
        long received = channel.read(whole);
        whole.flip();
        ByteBuffer[] views = duplicates(targets, offset, length);
        for (int i = 0; whole.hasRemaining(); i++) {
            int part = Math.min(whole.remaining(), views[i].remaining());
            views[i].put(whole.slice(whole.position(), part));
            whole.position(whole.position() + part);
        }
        advance(targets, offset, views);
        return received;
    }

    private static int bytes(ByteBuffer[] buffers, int offset, int length) {
        long bytes = 0;
        for (int i = offset; i < offset + length; i++) {
            bytes += buffers[i].remaining();
        }
        return (int) Math.min(bytes, MAX_DATAGRAM_BYTES);
    }
}
