package io.uloop.fiber;

import io.uloop.ClosedLoopException;
import io.uloop.net.LoopChannel;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;

/**
 * A channel whose operations wait for their descriptor on a loop, for straight-line code. The
 * operations wait in any thread but that of the loop: in fibers, and in other threads while the
 * loop runs.
 *
 * <p>An interrupt ends an operation that waits, or that is called by an interrupted thread, with an
 * {@link java.io.InterruptedIOException}. The channel stays open and no byte is lost. Closing the
 * channel ends them with an {@link java.nio.channels.AsynchronousCloseException}, and closing the
 * loop with a {@link io.uloop.ClosedLoopException}.
 *
 * <p>Thread-safe: operations in the same direction take place one after the other. A channel that
 * is garbage-collected open is closed and logged like any {@link LoopChannel}.
 *
 * @since 0.1
 */
public abstract class FiberChannel implements Channel {
    /** The bit of a closed channel among its users. */
    private static final int CLOSED = 1 << 31;

    private static final VarHandle USERS;

    static {
        try {
            USERS = MethodHandles.lookup().findVarHandle(FiberChannel.class, "users", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Scheduler scheduler;
    private final LoopChannel channel;
    private final Readiness readiness;

    /** The number of threads inside a system call, which must not use a closed number. */
    private volatile int users;

    /** The calls in a row, as {@link Carrier#giveWay} counts them. Lost updates do no harm. */
    private int calls;

    FiberChannel(Scheduler scheduler, LoopChannel channel, int interest, int ready) {
        this.scheduler = scheduler;
        this.channel = channel;
        readiness = new Readiness(scheduler, channel, interest, ready);
    }

    /**
     * {@return the file descriptor; {@link Descriptors#NONE} once this is closed}
     *
     * <p>This channel still owns the descriptor. Do not close it.
     */
    public final int fd() {
        return channel.fd();
    }

    /** {@return whether {@link #close} has not been called} */
    @Override
    public final boolean isOpen() {
        return users >= 0;
    }

    /**
     * Closes the channel. Operations that wait end with an {@link
     * java.nio.channels.AsynchronousCloseException}. Idempotent.
     *
     * @throws IOException EIO
     */
    @Override
    public final void close() throws IOException {
        int before = (int) USERS.getAndBitwiseOr(this, CLOSED);
        if (before < 0) {
            return;
        }
        readiness.close();
        if (before == 0) {
            release();
        }
    }

    /** Closes the channel. A failure is not reported. */
    final void closeQuietly() {
        try {
            close();
        } catch (IOException e) {
            // The descriptor is closed nevertheless.
        }
    }

    final void requireOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + channel.toString().replaceFirst("^[^\\[]*", "");
    }

    final Scheduler scheduler() {
        return scheduler;
    }

    final Readiness readiness() {
        return readiness;
    }

    /** Starts a system call. {@link #exit} must follow. */
    final void enter() throws ClosedChannelException {
        calls = scheduler.giveWay(calls);
        int before;
        do {
            before = users;
            if (before < 0) {
                throw new ClosedChannelException();
            }
        } while (!USERS.weakCompareAndSet(this, before, before + 1));
    }

    final void exit() {
        if ((int) USERS.getAndAdd(this, -1) == CLOSED + 1) {
            releaseQuietly();
        }
    }

    /** Waits until a direction is ready. */
    final void await(int direction, String operation) throws IOException {
        try {
            readiness.await(direction);
        } catch (InterruptedException e) {
            throw interrupted(operation, e);
        }
    }

    /** Takes the lock of a direction for an operation that may wait. */
    final void lock(OperationLock lock, String operation) throws InterruptedIOException {
        scheduler.requireMayWait();
        try {
            lock.lock();
        } catch (InterruptedException e) {
            scheduler.requireNotEnded(); // whose end has interrupted this thread
            throw interrupted(operation, e);
        }
    }

    final InterruptedIOException interrupted(String operation, InterruptedException cause) {
        InterruptedIOException interruption =
                new InterruptedIOException("interrupted in " + operation + " on " + this);
        interruption.initCause(cause);
        return interruption;
    }

    private void release() throws IOException {
        if (readiness.wasRegistered()) {
            try {
                scheduler.onLoop(
                        () -> {
                            channel.close();
                            return true;
                        });
                return;
            } catch (ClosedLoopException e) {
                // A closed loop has no registrations, so this thread may close the descriptor.
            }
        }
        channel.close();
    }

    private void releaseQuietly() {
        try {
            release();
        } catch (IOException e) {
            // The descriptor is closed nevertheless, and the caller has another result.
        }
    }
}
