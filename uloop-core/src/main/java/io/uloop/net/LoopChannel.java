package io.uloop.net;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.descriptor.FormerMode;
import io.uloop.descriptor.LoopReference;
import io.uloop.descriptor.OpenedDescriptor;
import io.uloop.descriptor.OwnedDescriptor;
import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * A channel on a loop. It owns one non-blocking file descriptor and deregisters it when closed.
 *
 * <p>Not thread-safe: call {@link #register}, {@link #modify}, {@link #unregister}, {@link #unref},
 * {@link #ref} and {@link #close} from the loop's thread. While no thread runs the loop, any one
 * thread may call them. Other threads get an {@link IllegalStateException}, except that a channel
 * that is not registered may be closed from any thread. Any thread may call the other methods, but
 * not while another thread closes the channel.
 *
 * <p>Close every channel. If an open channel is garbage-collected, it is closed then, on its loop
 * if it is registered there, and logged as a warning of {@code io.uloop.net}. The warning names the
 * line that opened the channel or its listener. With {@code -Duloop.trackLeaks=true} it has the
 * whole stack that opened or accepted the channel, which makes opening slower.
 *
 * <p>The loop keeps the handlers of registered channels reachable, so a channel that its handler
 * refers to is not collected before it is deregistered or the loop itself is unreachable. A
 * registered channel to which nothing refers, not even its handler, is collected. Keeping only
 * {@link #fd} does not prevent this.
 *
 * <p>Only classes of this package extend it and its subclasses, whose constructors are not public.
 *
 * @since 0.1
 */
public abstract class LoopChannel implements Channel {
    private final Uloop loop;
    private final OwnedDescriptor owned;

    LoopChannel(Uloop loop, int fd) {
        this.loop = loop;
        OpenedDescriptor opened = OpenedDescriptor.of(this, getClass(), loop, fd, null);
        if (this instanceof StreamChannel) {
            opened.countConnection();
        }
        owned = opened;
    }

    /** Creates a channel whose descriptor a resource closes. */
    LoopChannel(Uloop loop, int fd, Closeable resource) {
        this.loop = loop;
        owned = OpenedDescriptor.of(this, getClass(), loop, fd, resource);
    }

    /** Creates a channel accepted by a listener on another loop. */
    LoopChannel(Uloop loop, int fd, ConnectionCount count) {
        this.loop = loop;
        owned = AcceptedDescriptor.of(this, LoopReference.of(loop), fd, count);
    }

    /** Creates a channel accepted by a listener on the same loop. */
    LoopChannel(LoopChannel listener, int fd, ConnectionCount count) {
        loop = listener.loop;
        owned = AcceptedDescriptor.of(this, listener.owned.loop(), fd, count);
    }

    /** {@return the loop of this channel} */
    public final Uloop loop() {
        return loop;
    }

    /**
     * {@return the file descriptor; {@link Descriptors#NONE} once this is closed, because the
     * number may belong to another file}
     *
     * <p>This channel still owns the descriptor. Do not close it.
     */
    public final int fd() {
        return owned.fd();
    }

    /**
     * Registers this channel with its loop.
     *
     * @param interest as for {@link Uloop#add(int, int, EventHandler)}
     * @param handler handles the events; it should refer to this channel, see above
     * @throws ClosedChannelException if this is closed
     * @throws IOException EEXIST if already registered; ENOMEM, ENOSPC
     */
    public final void register(int interest, EventHandler handler) throws IOException {
        openFd();
        owned.register(loop, interest, handler);
    }

    /**
     * Replaces the interest of the registration.
     *
     * @param interest as for {@link Uloop#modify(int, int)}
     * @throws ClosedChannelException if this is closed
     * @throws IOException ENOENT if not registered; ENOMEM, ENOSPC
     */
    public final void modify(int interest) throws IOException {
        loop.modify(openFd(), interest);
    }

    /**
     * Deregisters this channel, which stays open. Does nothing if it is not registered.
     *
     * @throws IOException if the loop's {@link Uloop#remove} fails
     */
    public void unregister() throws IOException {
        owned.deregister();
    }

    /**
     * Lets {@link Uloop#runUntilIdle} end although this channel is registered, now or later. Its
     * handler is still called while the loop runs. Idempotent.
     *
     * @throws IllegalStateException if another thread runs the loop
     */
    public final void unref() {
        owned.setUnref(true);
    }

    /**
     * Reverts {@link #unref}, so that the registered channel keeps an idle run waiting. Idempotent.
     *
     * @throws IllegalStateException if another thread runs the loop
     */
    public final void ref() {
        owned.setUnref(false);
    }

    /** {@return whether this channel keeps an idle run waiting while it is registered} */
    public final boolean hasRef() {
        return owned.hasRef();
    }

    /** {@return whether neither {@link #close} nor {@link #detach} has been called} */
    @Override
    public final boolean isOpen() {
        return owned.isOpen();
    }

    /**
     * Deregisters this channel and closes the descriptor. Idempotent.
     *
     * @throws IOException EIO
     * @see <a href="https://man7.org/linux/man-pages/man2/close.2.html">close(2)</a>
     */
    @Override
    public void close() throws IOException {
        owned.close();
    }

    /**
     * Deregisters this channel and gives its descriptor to the caller. The channel counts as closed
     * from now on. The descriptor stays open, non-blocking and close-on-exec, unless {@link
     * #restoreBlockingAtEnd} asked for its former mode.
     *
     * @return the descriptor, which the caller must close, for example one of {@link
     *     Uloop#descriptors}
     * @throws ClosedChannelException if this is closed
     * @throws IOException EBADF if the descriptor was closed by number
     */
    public int detach() throws IOException {
        openFd();
        return owned.detach();
    }

    /**
     * Makes an adopted descriptor blocking again when this channel is closed, detached or
     * garbage-collected, and when the JVM exits. Call this for a file that other processes share,
     * such as a terminal or an inherited standard output, because they share the mode too. Does
     * nothing if the descriptor was already non-blocking when this channel adopted it, or if it was
     * not adopted.
     *
     * @throws ClosedChannelException if this is closed
     */
    public final void restoreBlockingAtEnd() throws ClosedChannelException {
        openFd();
        if (owned instanceof OpenedDescriptor opened) {
            opened.restoreModeAtEnd();
        }
    }

    final void noteFormerMode(FormerMode mode) {
        if (owned instanceof OpenedDescriptor opened) {
            opened.noteFormerMode(mode);
        }
    }

    @Override
    public String toString() {
        return owned.describe();
    }

    final Descriptors io() {
        return owned.io();
    }

    /** Returns the I/O of a native backend. Other backends throw. */
    final NativeDescriptors nativeIo() {
        return NativeDescriptors.of(loop.provider());
    }

    /**
     * Returns the descriptor for one operation. Callers must keep this channel reachable until the
     * operation returns, by {@link #kept} or {@link #keep}.
     */
    final int openFd() throws ClosedChannelException {
        if (!owned.isOpen()) {
            throw new ClosedChannelException();
        }
        return owned.number();
    }

    /** Keeps this channel reachable until an operation has returned. */
    final void keep() {
        OwnedDescriptor.keep(this);
    }

    /** Returns the result of an operation, until which this channel is reachable. */
    final boolean kept(boolean result) {
        keep();
        return result;
    }

    /** Returns the result of an operation, until which this channel is reachable. */
    final int kept(int result) {
        keep();
        return result;
    }

    /** Returns the result of an operation, until which this channel is reachable. */
    final long kept(long result) {
        keep();
        return result;
    }

    /** Returns the result of an operation, until which this channel is reachable. */
    final <T> @Nullable T kept(@Nullable T result) {
        keep();
        return result;
    }

    /** Closes this channel after a failure. If that fails too, adds a suppressed exception. */
    final void closeAfter(Throwable failure) {
        try {
            close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
