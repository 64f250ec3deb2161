package io.uloop.net;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * A channel on a loop: owns one non-blocking descriptor, and leaves the loop when closed.
 *
 * <p>{@link #register}, {@link #modify}, {@link #unregister} and {@link #close} are for the thread
 * that runs the loop, or while none does for any one thread; a channel that is not registered may
 * be closed by any thread. The other methods may be called by any thread, but not while another one
 * closes the channel.
 *
 * <p>Close every channel. One that is collected open is closed then, in its loop if it is
 * registered there, and logged as a warning of {@code io.uloop.net} with the line that opened it or
 * its listener; with {@code -Duloop.net.trackLeaks=true} with the whole stack that opened or
 * accepted it, which makes that slower. The loop holds the handlers of what is registered, so a
 * channel that its handler refers to is not collected before it has left the loop or the loop
 * itself is gone. A channel that nobody refers to, not even its handler, is collected although it
 * is registered: using {@link #fd} alone does not keep it.
 */
public abstract sealed class LoopChannel implements Channel permits LoopSocket, PipeChannel {
    private static final Cleaner CLEANER = Cleaner.create();

    private final Uloop loop;
    private final OwnedDescriptor owned;
    private final Cleaner.Cleanable cleanable;

    LoopChannel(Uloop loop, int fd) {
        this(loop, fd, new WeakReference<>(loop), null);
    }

    private LoopChannel(
            Uloop loop, int fd, WeakReference<Uloop> reference, @Nullable ConnectionCount count) {
        this.loop = loop;
        owned = new OwnedDescriptor(getClass(), loop.descriptors(), fd, reference, count);
        cleanable = CLEANER.register(this, owned);
    }

    /** One that a listener on another loop has accepted. */
    LoopChannel(Uloop loop, int fd, ConnectionCount count) {
        this(loop, fd, new WeakReference<>(loop), count);
    }

    /** One that a listener on the same loop has accepted. */
    LoopChannel(LoopChannel listener, int fd, ConnectionCount count) {
        this(listener.loop, fd, listener.owned.loop, count);
    }

    /**
     * Its loop. Any thread.
     *
     * @return the loop it was opened on
     */
    public final Uloop loop() {
        return loop;
    }

    /**
     * Returns the number of its descriptor, which stays this channel's to close. Any thread.
     *
     * @return the descriptor; {@link Descriptors#NONE} once this is closed, because the number may
     *     be another file's
     */
    public final int fd() {
        return owned.isOpen() ? owned.fd : Descriptors.NONE;
    }

    /** The number that it has or had, for messages. */
    final int number() {
        return owned.fd;
    }

    /**
     * Joins the loop.
     *
     * @param interest as for {@link Uloop#add(int, int, EventHandler)}
     * @param handler gets the events; keep the channel in it
     * @throws ClosedChannelException if this is closed
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException EEXIST if registered already; ENOMEM, ENOSPC
     */
    public final void register(int interest, EventHandler handler) throws IOException {
        loop.add(openFd(), interest, handler);
        owned.registered();
    }

    /**
     * Replaces the interest.
     *
     * @param interest as for {@link Uloop#modify(int, int)}
     * @throws ClosedChannelException if this is closed
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException ENOENT if not registered; ENOMEM, ENOSPC
     */
    public final void modify(int interest) throws IOException {
        loop.modify(openFd(), interest);
    }

    /**
     * Leaves the loop and stays open. Nothing if not registered.
     *
     * @throws IllegalStateException if it is registered and another thread runs the loop
     * @throws IOException never; declared because the loop's remove does
     */
    public void unregister() throws IOException {
        owned.leave(loop);
    }

    /**
     * Tells whether {@link #close} has not been called yet. Any thread.
     *
     * @return true until closed
     */
    @Override
    public final boolean isOpen() {
        return owned.isOpen();
    }

    /**
     * Leaves the loop and closes the descriptor. Any number of times.
     *
     * @throws IllegalStateException if it is registered and another thread runs the loop
     * @throws IOException EIO
     * @see <a href="https://man7.org/linux/man-pages/man2/close.2.html">close(2)</a>
     */
    @Override
    public void close() throws IOException {
        try {
            owned.close(loop);
        } finally {
            if (!owned.isOpen()) {
                cleanable.clean(); // only lets go of it
            }
        }
    }

    @Override
    public String toString() {
        return owned.describe();
    }

    final Descriptors io() {
        return owned.io;
    }

    /**
     * The descriptor for one more operation; fence this channel behind it, lest it be collected in
     * the middle.
     */
    final int openFd() throws ClosedChannelException {
        if (!owned.isOpen()) {
            throw new ClosedChannelException();
        }
        return owned.fd;
    }

    /** Closes because of a failure, which stays what the caller gets. */
    final void closeAfter(Throwable failure) {
        try {
            close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
