package io.uloop.poller.posix.memory;

import java.nio.ByteBuffer;

/** Checks buffers before a call moves bytes into them. Thread-safe. */
public final class BufferChecks {
    private BufferChecks() {}

    /**
     * Rejects a read-only buffer.
     *
     * @throws IllegalArgumentException if the buffer is read-only
     */
    public static void requireWritable(ByteBuffer target) {
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("the target buffer is read-only");
        }
    }

    /**
     * Throws the JDK's exception if a buffer's arena is closed or belongs to another thread. All
     * other buffers are accessible.
     */
    public static void requireAccess(ByteBuffer buffer) {
        if (buffer.isDirect()) {
            var unused = buffer.get(0);
        }
    }
}
