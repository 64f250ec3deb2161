package io.uloop.memory;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The part of a loop's {@link BufferBudget} that one connection holds.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
public final class BufferShare {
    /** The connection that owns a share. */
    @FunctionalInterface
    public interface Owner {
        /**
         * Ends the connection at once and closes its share.
         *
         * @param failure the cause
         */
        void endForMemory(IOException failure);
    }

    final BufferBudget budget;
    final Owner owner;
    long bytes;

    // The neighbours in the list of shares of about this size; null if the share is empty.
    @Nullable BufferShare before;
    @Nullable BufferShare after;

    private boolean closed;
    private Runnable atClose = () -> {};

    /**
     * Creates an empty share.
     *
     * @param budget the budget of the connection's loop
     * @param owner the connection; its {@code toString} names it in messages
     */
    public BufferShare(BufferBudget budget, Owner owner) {
        this.budget = budget;
        this.owner = owner;
    }

    /**
     * Adds memory to the share. If the budget is exhausted, ends connections that hold more.
     *
     * @param added the number of bytes, 0 or more
     * @throws IOException if this share holds most or is closed; then nothing is added
     */
    public void add(long added) throws IOException {
        requireOpen(added);
        budget.add(this, added);
    }

    void requireOpen(long added) throws IOException {
        if (closed) {
            throw new IOException(
                    "cannot buffer " + added + " bytes for " + owner + ": it is closed");
        }
    }

    /**
     * Removes memory from the share. Does nothing after {@link #close}.
     *
     * @param removed the number of bytes, at most those added
     */
    public void remove(long removed) {
        if (!closed) {
            budget.remove(this, removed);
        }
    }

    /**
     * Records that the connection is in use. Of several that hold about as much, it is ended last.
     */
    public void touch() {
        if (bytes > 0) {
            budget.touch(this);
        }
    }

    /**
     * Sets an action of {@link #close}.
     *
     * @param release called once, on the loop's thread
     */
    public void atClose(Runnable release) {
        atClose = release;
    }

    /** Releases all memory of the connection. Idempotent. */
    public void close() {
        if (!closed) {
            atClose.run();
            budget.remove(this, bytes);
            closed = true;
        }
    }

    /** {@return the number of bytes that the connection holds, 0 or more} */
    public long bytes() {
        return bytes;
    }

    /** {@return the number of bytes of the budget that no connection holds} */
    public long unused() {
        return budget.unused();
    }
}
