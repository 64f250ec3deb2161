package io.uloop.fiber;

import io.uloop.net.LoopChannel;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A stream of bytes in both directions whose operations wait, as those of a channel of {@code
 * java.nio} in blocking mode.
 *
 * <p>Thread-safe. A read and a write may take place at the same time. Reads take place one after
 * the other, and so do writes, each with all its bytes.
 */
public abstract class FiberStream extends FiberChannel implements ByteChannel {
    private final ByteChannel bytes;
    private final boolean drainedByShortRead;
    private final ReentrantLock reading = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();

    <C extends LoopChannel & ByteChannel> FiberStream(
            Scheduler scheduler, C channel, int interest, int ready, boolean drainedByShortRead) {
        super(scheduler, channel, interest, ready);
        bytes = channel;
        this.drainedByShortRead = drainedByShortRead;
    }

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
    public final int read(ByteBuffer target) throws IOException {
        lock(reading, "read");
        try {
            return readLocked(target);
        } finally {
            reading.unlock();
        }
    }

    /**
     * Reads until the buffer is full.
     *
     * @param target gets the bytes; its position tells how many came before an exception
     * @throws EOFException if the stream ends before
     * @throws InterruptedIOException if the thread is interrupted; {@code bytesTransferred} bytes
     *     have been read
     * @throws IOException as {@link #read(ByteBuffer)}
     */
    public final void readFully(ByteBuffer target) throws IOException {
        int start = target.position();
        lock(reading, "read");
        try {
            while (target.hasRemaining()) {
                if (readLocked(target) < 0) {
                    throw new EOFException(
                            this
                                    + " ended after "
                                    + (target.position() - start)
                                    + " bytes, "
                                    + target.remaining()
                                    + " bytes too early");
                }
            }
        } catch (InterruptedIOException e) {
            e.bytesTransferred = target.position() - start;
            throw e;
        } finally {
            reading.unlock();
        }
    }

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
    public final int write(ByteBuffer source) throws IOException {
        int start = source.position();
        lock(writing, "write");
        try {
            while (source.hasRemaining()) {
                writeSome(source);
            }
        } catch (InterruptedIOException e) {
            e.bytesTransferred = source.position() - start;
            throw e;
        } finally {
            writing.unlock();
        }
        return source.position() - start;
    }

    /** {@return a stream that reads from this, and closes it when closed} Not buffered. */
    public final InputStream inputStream() {
        return new Input();
    }

    /** {@return a stream that writes to this, and closes it when closed} Not buffered. */
    public final OutputStream outputStream() {
        return new Output();
    }

    private int readLocked(ByteBuffer target) throws IOException {
        Readiness readiness = readiness();
        for (; ; ) {
            int seen = readiness.state();
            if (Readiness.isReady(seen, Readiness.READ)) {
                int asked = asked(target);
                int count = readNow(target);
                if (count != 0 || asked == 0) {
                    if (count < asked
                            && count > 0
                            && drainedByShortRead
                            && readiness.isDrainedByShortRead(seen)) {
                        readiness.drained(seen, Readiness.READ);
                    }
                    return count;
                }
                readiness.drained(seen, Readiness.READ);
            } else {
                await(Readiness.READ, "read");
            }
        }
    }

    private void writeSome(ByteBuffer source) throws IOException {
        Readiness readiness = readiness();
        int seen = readiness.state();
        if (!Readiness.isReady(seen, Readiness.WRITE)) {
            await(Readiness.WRITE, "write");
        } else if (writeNow(source) == 0) {
            readiness.drained(seen, Readiness.WRITE);
        }
    }

    private int readNow(ByteBuffer target) throws IOException {
        enter();
        try {
            return target.isDirect() ? readBytes(bytes, target) : readHeap(target);
        } finally {
            exit();
        }
    }

    /** Returns how many bytes one system call asks for. */
    private static int asked(ByteBuffer target) {
        int remaining = target.remaining();
        return target.isDirect() ? remaining : Math.min(remaining, IoBuffers.BYTES);
    }

    private int readHeap(ByteBuffer target) throws IOException {
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("the target buffer is read-only");
        }
        ByteBuffer direct = scheduler().buffers().take();
        try {
            int count = readBytes(bytes, direct.limit(asked(target)));
            if (count > 0) {
                target.put(direct.flip());
            }
            return count;
        } finally {
            scheduler().buffers().give(direct);
        }
    }

    private int writeNow(ByteBuffer source) throws IOException {
        enter();
        try {
            return source.isDirect() ? bytes.write(source) : writeHeap(source);
        } finally {
            exit();
        }
    }

    private int writeHeap(ByteBuffer source) throws IOException {
        ByteBuffer direct = scheduler().buffers().take();
        try {
            int position = source.position();
            int length = Math.min(direct.capacity(), source.remaining());
            direct.put(0, source, position, length).limit(length);
            int count = bytes.write(direct);
            source.position(position + count);
            return count;
        } finally {
            scheduler().buffers().give(direct);
        }
    }

    /** Reads from the descriptor without waiting. */
    int readBytes(ByteChannel from, ByteBuffer target) throws IOException {
        return from.read(target);
    }

    private final class Input extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return FiberStream.this.read(ByteBuffer.wrap(target, offset, length));
        }

        @Override
        public void close() throws IOException {
            FiberStream.this.close();
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            int unused =
                    FiberStream.this.write(
                            ByteBuffer.wrap(Objects.requireNonNull(source), offset, length));
        }

        @Override
        public void close() throws IOException {
            FiberStream.this.close();
        }
    }
}
