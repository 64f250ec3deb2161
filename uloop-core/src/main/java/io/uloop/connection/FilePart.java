package io.uloop.connection;

import io.uloop.net.ByteStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Bytes of a file that wait to be sent.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class FilePart extends QueuedPart {
    /** Bounds one call, so that the loop gets control between reads of a slow disk. */
    private static final int MAX_CALL = 256 << 10;

    private final FileChannel file;
    private long position;
    private long left;

    /**
     * Creates a part of a file.
     *
     * @throws IllegalArgumentException if the position or the count is negative
     */
    FilePart(FileChannel file, long position, long count) {
        if (position < 0 || count < 0) {
            throw new IllegalArgumentException(
                    "cannot send " + count + " bytes of a file from position " + position);
        }
        this.file = file;
        this.position = position;
        left = count;
    }

    @Override
    long bytes() {
        return left;
    }

    @Override
    boolean isDone() {
        return left == 0;
    }

    @Override
    void drop() {} // the file is the user's

    @Override
    long send(ByteStream stream, ByteBuffer next) throws IOException {
        return moved(stream.transfer(file, position, Math.min(left, MAX_CALL)));
    }

    @Override
    int copy(ByteBuffer target) throws IOException {
        int limit = target.limit();
        target.limit((int) Math.min(limit, target.position() + left));
        int count = (int) moved(file.read(target, position));
        target.limit(limit);
        return count;
    }

    private long moved(long count) throws IOException {
        if (count < 0) {
            throw new EOFException(
                    "cannot send "
                            + left
                            + " more bytes of a file from position "
                            + position
                            + ": the file is shorter");
        }
        position += count;
        left -= count;
        return count;
    }
}
