package io.uloop.terminal;

import io.uloop.source.WriteHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/** What terminals and serial lines have in common. */
abstract class OpenLine implements AutoCloseable {
    final Line line;

    OpenLine(Line line) {
        this.line = line;
    }

    /**
     * Writes once. May write less than requested.
     *
     * @param bytes the bytes to write
     * @return bytes written; 0 if the write would block or the buffer is empty
     * @throws IllegalStateException if this is closed
     * @throws IOException EIO after a hang-up or if the device is gone
     */
    public int write(ByteBuffer bytes) throws IOException {
        return line.duplex().write(bytes);
    }

    /**
     * Calls a handler once, when this is writable. Replaces a handler that is still waiting.
     *
     * @param handler the handler
     * @throws IllegalStateException if this is closed
     * @throws IOException ENOMEM or ENOSPC if the descriptor cannot be registered
     */
    public void awaitWritable(WriteHandler handler) throws IOException {
        line.duplex().awaitWritable(Objects.requireNonNull(handler, "handler")::writable);
    }

    /**
     * Stops reading until {@link #resume}. The kernel keeps what arrives until its buffer is full.
     * With flow control, a device then stops.
     *
     * @throws IOException ENOMEM or ENOSPC if the interest cannot be changed
     */
    public void pause() throws IOException {
        line.duplex().pause();
    }

    /**
     * Resumes reading. Does nothing if not paused or after the end of the stream.
     *
     * @throws IllegalStateException if this is closed
     * @throws IOException ENOMEM or ENOSPC if the descriptor cannot be registered
     */
    public void resume() throws IOException {
        line.duplex().resume();
    }

    /**
     * Lets {@link io.uloop.Uloop#runUntilIdle} end although this is registered, now or later. Its
     * handler is still called while the loop runs. Idempotent.
     *
     * @throws IllegalStateException if another thread runs the loop
     */
    public void unref() {
        line.source().setUnref(true);
    }

    /**
     * Reverts {@link #unref}, so that this keeps an idle run waiting while it is registered.
     * Idempotent.
     *
     * @throws IllegalStateException if another thread runs the loop
     */
    public void ref() {
        line.source().setUnref(false);
    }

    /** {@return whether this keeps an idle run waiting while it is registered} */
    public boolean hasRef() {
        return line.source().hasRef();
    }

    /**
     * Restores the former modes and settings, deregisters the device and closes it. Idempotent.
     *
     * @throws IOException EIO if closing the descriptor fails
     */
    @Override
    public void close() throws IOException {
        line.source().close();
    }

    @Override
    public String toString() {
        return line.source().toString();
    }
}
