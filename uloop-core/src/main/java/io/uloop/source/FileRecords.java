package io.uloop.source;

import io.uloop.poller.Descriptors;
import io.uloop.poller.PathBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The records of one read from inotify: {@code struct inotify_event { int wd; uint32_t mask,
 * cookie, len; char name[]; }}. Only names are allocated.
 */
final class FileRecords {
    private static final int MASK = 4;
    private static final int COOKIE = 8;
    private static final int LENGTH = 12;
    private static final int NAME = 16;
    private static final int BUFFER_BYTES = 16 * 1024; // a record has at most 272 bytes

    private final ByteBuffer bytes =
            ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.nativeOrder());
    private int start;
    private int end;

    /** Reads once. The first record follows with {@link #next}. */
    void read(Descriptors descriptors, int fd) throws IOException {
        descriptors.read(fd, bytes.clear());
        bytes.flip();
        end = 0;
    }

    /** Moves to the next record. Returns false if there is none. */
    boolean next() {
        start = end;
        if (start == bytes.limit()) {
            return false;
        }
        end = start + NAME + bytes.getInt(start + LENGTH);
        return true;
    }

    /** {@return the kernel's number of the watch} */
    int number() {
        return bytes.getInt(start);
    }

    int events() {
        return bytes.getInt(start + MASK);
    }

    int cookie() {
        return bytes.getInt(start + COOKIE);
    }

    @Nullable Path name() {
        int length = 0;
        while (start + NAME + length < end && bytes.get(start + NAME + length) != 0) {
            length++;
        }
        if (length == 0) {
            return null;
        }
        byte[] name = new byte[length];
        bytes.get(start + NAME, name);
        return PathBytes.toPath(name);
    }
}
