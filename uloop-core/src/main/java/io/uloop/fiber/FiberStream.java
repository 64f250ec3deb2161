package io.uloop.fiber;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/**
 * A stream of bytes in both directions whose operations wait, as those of a channel of {@code
 * java.nio} in blocking mode. {@link FiberChannel} tells in which threads, and what ends a wait.
 *
 * <p>Thread-safe. A read and a write may take place at the same time. Reads take place one after
 * the other, and so do writes, each with all its bytes.
 *
 * @since 0.1
 */
public interface FiberStream extends ByteChannel {
    /**
     * Reads bytes. Waits for the first, not until the buffer is full.
     *
     * @param target gets the bytes
     * @return bytes read, 1 or more; 0 if the buffer is full; -1 at the end of the stream
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws InterruptedIOException if the thread is interrupted
     * @throws IOException ECONNRESET, ETIMEDOUT, EIO
     */
    @Override
    int read(ByteBuffer target) throws IOException;

    /**
     * Reads until the buffer is full.
     *
     * @param target gets the bytes; its position tells how many came before an exception
     * @throws EOFException if the stream ends before
     * @throws InterruptedIOException if the thread is interrupted; {@code bytesTransferred} bytes
     *     have been read
     * @throws IOException as {@link #read(ByteBuffer)}
     */
    void readFully(ByteBuffer target) throws IOException;

    /**
     * Writes all bytes of a buffer.
     *
     * @param source holds the bytes; its position tells how many were written before an exception
     * @return bytes written, all that remained
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws InterruptedIOException if the thread is interrupted; {@code bytesTransferred} bytes
     *     have been written
     * @throws IOException EPIPE, ECONNRESET, ETIMEDOUT
     */
    @Override
    int write(ByteBuffer source) throws IOException;

    /** {@return a stream that reads from this, and closes it when closed} Not buffered. */
    InputStream inputStream();

    /** {@return a stream that writes to this, and closes it when closed} Not buffered. */
    OutputStream outputStream();
}
