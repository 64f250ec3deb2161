package io.uloop.net;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;

/**
 * A non-blocking stream of bytes on a loop, in both directions or in one. A {@link
 * io.uloop.connection.Connection} can be opened on each: on sockets, on pipes, FIFOs and terminals,
 * and on a pair of one-way streams.
 *
 * <p>Reads and writes call the kernel once. A result of 0 means that the call would block.
 *
 * <p>Not thread-safe: call from the loop's thread.
 *
 * @since 0.1
 */
public interface ByteStream extends ByteChannel, GatheringByteChannel {
    /**
     * Joins two one-way streams, such as the standard input and output of a process.
     *
     * @param source the stream to read from
     * @param sink the stream to write to
     * @return a stream in both directions that owns both
     * @throws IllegalArgumentException if the two have different loops
     */
    static ByteStream of(ByteStream source, ByteStream sink) {
        return new JoinedStream(source, sink);
    }

    /** {@return the loop of this stream} */
    Uloop loop();

    /**
     * {@return the file descriptor, the one to read from if there are two; {@link
     * io.uloop.poller.Descriptors#NONE} once this is closed}
     *
     * <p>This stream still owns the descriptor. Do not close it.
     */
    int fd();

    /**
     * {@return the directions of this stream: {@link io.uloop.poller.UEvent#IN} if it can be read,
     * {@link io.uloop.poller.UEvent#OUT} if it can be written, or both}
     *
     * @throws IOException {@link java.nio.channels.ClosedChannelException} if this is closed
     */
    int directions() throws IOException;

    /**
     * {@return whether the outgoing direction can end alone, as on a socket}
     *
     * <p>If not, as on a terminal, only {@link #close} ends this stream.
     */
    boolean canHalfClose();

    /**
     * Registers this stream with its loop.
     *
     * @param interest as for {@link Uloop#add(int, int, EventHandler)}
     * @param handler handles the events
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EEXIST if already registered; ENOMEM, ENOSPC
     */
    void register(int interest, EventHandler handler) throws IOException;

    /**
     * Replaces the interest of the registration.
     *
     * @param interest as for {@link Uloop#modify(int, int)}
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ENOENT if not registered; ENOMEM, ENOSPC
     */
    void modify(int interest) throws IOException;

    /**
     * Lets {@link Uloop#runUntilIdle} end although this stream is registered, now or later.
     * Idempotent.
     *
     * @throws IllegalStateException if another thread runs the loop
     */
    void unref();

    /**
     * Reverts {@link #unref}. Idempotent.
     *
     * @throws IllegalStateException if another thread runs the loop
     */
    void ref();

    /** {@return whether this stream keeps an idle run waiting while it is registered} */
    boolean hasRef();

    @Override
    default long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    /**
     * Writes bytes of a file in one call, as {@link io.uloop.poller.Descriptors#transfer} does.
     *
     * @param source a file open for reading; its position does not change
     * @param position the position of the first byte in the file, 0 or more
     * @param count the maximum number of bytes, 0 or more
     * @return bytes written; 0 if it would block; -1 if {@code position} is at or past the end of
     *     the file
     * @throws IOException as {@link io.uloop.poller.Descriptors#transfer}
     */
    long transfer(FileChannel source, long position, long count) throws IOException;

    /**
     * Ends the outgoing direction: the peer reads the end of the stream. Does nothing if this
     * stream cannot be half-closed.
     *
     * @throws IOException ENOTCONN
     */
    void shutdownOutput() throws IOException;

    /**
     * Closes this stream and discards what the peer has not received, where that is possible.
     * Idempotent.
     *
     * @throws IOException EIO
     */
    void reset() throws IOException;
}
