package io.uloop.descriptor;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.internal.LoopAccess;
import io.uloop.owner.Origin;
import io.uloop.owner.OwnerReference;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.lang.ref.Reference;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor on a loop that one object owns, such as a channel. If the owner is collected before
 * it is closed, this closes the descriptor, on the loop if it is registered there, and logs the
 * leak.
 *
 * <p>Refers to the owner and the loop only weakly. Otherwise they would never be collected, because
 * all open descriptors are reachable.
 *
 * <p>Not thread-safe: call from the loop's thread. While the descriptor is not registered, any one
 * thread may close it. {@link #isOpen}, {@link #fd}, {@link #number} and {@link #describe} are
 * thread-safe.
 */
public abstract class OwnedDescriptor extends OwnerReference {
    /** The bit of a descriptor that does not keep an idle run waiting. No number is as high. */
    private static final int UNREF = 1 << 30;

    private final LoopReference loop;

    /**
     * The number with its bit, or the complement of both once it is closed. Flags would take eight
     * bytes more.
     */
    private volatile int state;

    /**
     * Creates an owned descriptor, which {@link #track} takes over.
     *
     * @param owner calls {@link #keep} after each operation on the descriptor
     * @param loop the loop where the descriptor will be registered
     * @param fd the descriptor
     */
    protected OwnedDescriptor(Object owner, LoopReference loop, int fd) {
        super(owner);
        this.loop = loop;
        state = fd;
    }

    /**
     * Keeps an owner reachable until this call. An owner calls this after each operation on its
     * descriptor. Otherwise the owner might be collected, its descriptor closed and the number
     * reused during its last operation. An operation that throws no longer uses the descriptor, so
     * this is not needed in a finally block.
     *
     * @param owner the owner
     */
    @SuppressWarnings("ReachabilityFenceUsage") // a finally block is not needed, see above
    public static void keep(Object owner) {
        Reference.reachabilityFence(owner);
    }

    /** {@return the owner's class, for messages} */
    protected abstract Class<?> type();

    /** {@return the place where the descriptor was opened} */
    protected abstract Origin origin();

    /**
     * Closes the descriptor. Called once.
     *
     * @throws IOException if closing the descriptor fails
     */
    protected void release() throws IOException {
        io().close(number());
    }

    /**
     * Called once instead of {@link #release} if the descriptor stays open.
     *
     * @throws IOException if the descriptor cannot be given its former mode
     */
    protected void detached() throws IOException {}

    /**
     * Logs that the owner was collected.
     *
     * @param message the message
     * @param stack where the descriptor was opened, if known
     */
    protected abstract void logForgotten(String message, @Nullable Throwable stack);

    /** {@return the loop of the descriptor} */
    public final LoopReference loop() {
        return loop;
    }

    /** {@return the I/O of the loop's backend} */
    public final Descriptors io() {
        return loop.io();
    }

    /** {@return the descriptor; {@link Descriptors#NONE} once it is closed} */
    public final int fd() {
        int current = state;
        return current < 0 ? Descriptors.NONE : current & ~UNREF;
    }

    /** {@return the descriptor's number for messages, even if it is closed} */
    public final int number() {
        return value() & ~UNREF;
    }

    /** Returns the number with its bit, even if it is closed. */
    private int value() {
        int current = state;
        return current < 0 ? ~current : current;
    }

    /** {@return whether {@link #close} has not been called} */
    public final boolean isOpen() {
        return state >= 0;
    }

    /** {@return whether the descriptor is registered with its loop} */
    public final boolean isRegistered() {
        Uloop current = loop.get();
        return current != null && isOpen() && LoopAccess.of(current).isRegistered(number());
    }

    /**
     * Registers the descriptor.
     *
     * @param on the loop
     * @param interest as for {@link Uloop#add(int, int, EventHandler)}
     * @param handler as for {@link Uloop#add(int, int, EventHandler)}
     * @throws IOException as for {@link Uloop#add(int, int, EventHandler)}
     */
    public final void register(Uloop on, int interest, EventHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        LoopAccess.of(on).register(fd(), interest, handler, !hasRef());
    }

    /**
     * Sets whether an idle run ends although the descriptor is registered, now or later.
     *
     * @param unref whether the run ends
     * @throws IllegalStateException if another thread runs the loop
     */
    public final synchronized void setUnref(boolean unref) {
        Uloop current = loop.get();
        if (current != null && isOpen()) {
            LoopAccess.of(current).setUnref(number(), unref);
        }
        int value = unref ? value() | UNREF : number();
        state = isOpen() ? value : ~value;
    }

    /** {@return whether the descriptor keeps an idle run waiting while it is registered} */
    public final boolean hasRef() {
        return (value() & UNREF) == 0;
    }

    /** Deregisters the descriptor. Does nothing if it is not registered or the loop is closed. */
    public final void deregister() {
        Uloop current = loop.get();
        if (current != null && isOpen()) {
            LoopAccess.of(current).deregister(number());
        }
    }

    /**
     * Deregisters the descriptor and closes it. Idempotent.
     *
     * @throws IllegalStateException if it is registered and another thread runs the loop
     * @throws IOException if closing the descriptor fails; it counts as closed nevertheless
     */
    public final void close() throws IOException {
        if (giveUp()) {
            release();
        }
    }

    /**
     * Deregisters the descriptor and gives it up without closing it.
     *
     * @return the descriptor, which the caller must close; {@link Descriptors#NONE} if it is closed
     * @throws IllegalStateException if it is registered and another thread runs the loop
     * @throws IOException if the descriptor cannot be given its former mode; it counts as given up
     *     nevertheless
     */
    public final int detach() throws IOException {
        if (!giveUp()) {
            return Descriptors.NONE;
        }
        detached();
        return number();
    }

    /** Deregisters the descriptor and counts as closed from now on; false if it was closed. */
    private boolean giveUp() {
        synchronized (this) {
            if (!isOpen()) {
                return false;
            }
            deregister();
            state = ~state;
        }
        untrack();
        return true;
    }

    /**
     * Closes the descriptor after a failure. If that fails too, adds a suppressed exception.
     *
     * @param failure the failure, which the caller throws
     */
    public final void closeAfter(Throwable failure) {
        try {
            close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** {@return the owner's type, number and state, for messages} */
    public final String describe() {
        return type().getSimpleName() + "[fd=" + number() + (isOpen() ? "" : ", closed") + ']';
    }

    @Override
    protected final void forgotten() {
        Uloop watching = isRegistered() ? loop.get() : null;
        if (watching == null) {
            closeForgotten();
            return;
        }
        try {
            var unused = watching.submit(this::closeForgotten).exceptionally(e -> closeForgotten());
        } catch (RejectedExecutionException e) { // a closed loop has no registrations
            closeForgotten();
        }
    }

    private @Nullable Void closeForgotten() {
        if (!isOpen()) {
            return null;
        }
        String failure = "";
        try {
            close();
        } catch (IOException e) {
            failure = "; " + e.getMessage();
        }
        Origin origin = origin();
        logForgotten(
                describe()
                        + " was garbage-collected open: call close"
                        + failure
                        + origin.describe(),
                origin.stack());
        return null;
    }
}
