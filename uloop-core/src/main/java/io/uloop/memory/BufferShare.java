package io.uloop.memory;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The part of a loop's {@link BufferBudget} that one connection holds. Not thread-safe: call from
 * the loop's thread.
 */
public final class BufferShare {
    /** Ends a connection that holds too much. */
    @FunctionalInterface
    public interface Owner {
        /**
         * Ends the connection at once and closes its share.
         *
         * @param failure says why
         */
        void endForMemory(IOException failure);
    }

    final BufferBudget budget;
    final Owner owner;
    long bytes;

    // The neighbours in the list of shares of about this size, while it holds anything.
    @Nullable BufferShare before;
    @Nullable BufferShare after;

    private boolean closed;
    private Runnable atClose = () -> {};

    /**
     * Creates a share that holds nothing.
     *
     * @param budget of the connection's loop
     * @param owner ends the connection; its {@code toString} names it
     */
    public BufferShare(BufferBudget budget, Owner owner) {
        this.budget = budget;
        this.owner = owner;
    }

    /**
     * Adds memory to the share. Ends connections that hold more if the budget is used up.
     *
     * @param added how many bytes; 0 or more
     * @throws IOException if this share is the one that holds most, or is closed; nothing is added
     */
    public void add(long added) throws IOException {
        if (closed) {
            throw new IOException(
                    "cannot buffer " + added + " bytes for " + owner + ": it is closed");
        }
        budget.add(this, added);
    }

    /**
     * Takes memory off the share. Does nothing after {@link #close}.
     *
     * @param removed how many bytes; no more than were added
     */
    public void remove(long removed) {
        if (!closed) {
            budget.remove(this, removed);
        }
    }

    /** Notes that the connection is in use: of several that hold about as much it ends last. */
    public void touch() {
        if (bytes > 0) {
            budget.touch(this);
        }
    }

    /**
     * Sets what to release on {@link #close}.
     *
     * @param release called once, on the loop's thread
     */
    public void atClose(Runnable release) {
        atClose = release;
    }

    /** Releases what the connection holds. Idempotent. */
    public void close() {
        if (!closed) {
            atClose.run();
            budget.remove(this, bytes);
            closed = true;
        }
    }

    /**
     * Returns the bytes that the connection holds.
     *
     * @return 0 or more
     */
    public long bytes() {
        return bytes;
    }

    /**
     * Returns the room that is left for memory that nobody uses.
     *
     * @return bytes of the budget that no connection holds
     */
    public long unused() {
        return budget.unused();
    }
}
