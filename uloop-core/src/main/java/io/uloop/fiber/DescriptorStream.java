package io.uloop.fiber;

import io.uloop.net.LoopChannel;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import org.jspecify.annotations.Nullable;

/** A stream of bytes on a descriptor. */
abstract class DescriptorStream extends FiberChannel implements FiberStream {
    /** How many buffers of received bytes are dropped at once. */
    private static final int DROPS = 16;

    private final ByteChannel bytes;
    private final boolean drainedByShortRead;
    private final OperationLock reading = new OperationLock();
    private final OperationLock writing = new OperationLock();

    <C extends LoopChannel & ByteChannel> DescriptorStream(
            Scheduler scheduler, C channel, int interest, int ready, boolean drainedByShortRead) {
        super(scheduler, channel, interest, ready);
        bytes = channel;
        this.drainedByShortRead = drainedByShortRead;
    }

    @Override
    public final int read(ByteBuffer target) throws IOException {
        lock(reading, "read");
        try {
            return readLocked(target);
        } finally {
            reading.unlock();
        }
    }

    @Override
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

    @Override
    public final InputStream inputStream() {
        return new StreamInput(this);
    }

    @Override
    public final OutputStream outputStream() {
        return new StreamOutput(this);
    }

    /**
     * Reads bytes into a buffer of the pool, which is not held while this waits. Returns null at
     * the end of the stream. The caller gives the buffer back.
     */
    final @Nullable ByteBuffer readPooled() throws IOException {
        lock(reading, "read");
        try {
            for (; ; ) {
                ByteBuffer target = scheduler().buffers().take();
                int seen = readiness().known();
                int count = 0;
                try {
                    if (Readiness.isReady(seen, Readiness.READ)) {
                        count = readNow(target);
                    }
                    if (count > 0) {
                        return target.flip();
                    }
                } finally {
                    if (count <= 0) {
                        scheduler().buffers().give(target);
                    }
                }
                if (count < 0) {
                    return null;
                }
                readiness().drained(seen, Readiness.READ);
                await(Readiness.READ, "read");
            }
        } finally {
            reading.unlock();
        }
    }

    /** Writes bytes until all are written or the next write would wait. */
    final void writeWithoutWaiting(ByteBuffer source) throws IOException {
        int count = 1;
        while (source.hasRemaining() && count > 0) {
            count = writeNow(source);
        }
    }

    /** Reads and drops what has come, up to a limit. Does nothing if another thread reads. */
    final void dropReceived() {
        if (!reading.tryLock()) {
            return;
        }
        ByteBuffer buffer = scheduler().buffers().take();
        try {
            int count = 1;
            for (int i = 0; i < DROPS && count > 0; i++) {
                count = readNow(buffer.clear());
            }
        } catch (IOException e) {
            // The peer has reset the connection, or this is closed.
        } finally {
            scheduler().buffers().give(buffer);
            reading.unlock();
        }
    }

    private int readLocked(ByteBuffer target) throws IOException {
        Readiness readiness = readiness();
        for (; ; ) {
            int seen = readiness.known();
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
        int seen = readiness.known();
        if (!Readiness.isReady(seen, Readiness.WRITE)) {
            await(Readiness.WRITE, "write");
        } else if (writeNow(source) == 0) {
            readiness.drained(seen, Readiness.WRITE);
        }
    }

    private int readNow(ByteBuffer target) throws IOException {
        enter();
        try {
            return target.isDirect() ? bytes.read(target) : readHeap(target);
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
            int count = bytes.read(direct.limit(asked(target)));
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
}
