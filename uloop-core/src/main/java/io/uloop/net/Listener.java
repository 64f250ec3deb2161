package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A listening socket on a loop. {@link #bind} makes connections wait in its backlog, and {@link
 * #register(AcceptHandler)} accepts them.
 *
 * <p>When the process or the system runs out of descriptors or memory, the listener pauses for 100
 * ms at a time instead of spinning. Connections wait in the backlog meanwhile, and none is lost.
 * They also wait at a limit, see {@link #limitConnections}. With {@link #refuseWhenFull}, they are
 * refused instead.
 *
 * <p>A connection that ended before it could be accepted is skipped. If this happens several times
 * in a row, as when a security module forbids accept(2) (EPERM), the listener pauses in the same
 * way. The log {@code io.uloop.net} names the errno of each kind of pause, in a limited number of
 * lines.
 *
 * <p>Not thread-safe: call from the loop's thread. While no thread runs the loop, any one thread
 * may call. {@link #connections} and {@link #refused} are thread-safe.
 *
 * @param <C> the kind of connection
 * @since 0.1
 */
public abstract class Listener<C extends StreamChannel> extends LoopSocket {
    /** The default backlog. */
    static final int BACKLOG = 1024;

    private final Refusal refusal;
    private final Accepting<C> accepting;

    Listener(Uloop loop, ProtocolFamily family, int fd, Class<C> type) {
        super(loop, family, fd);
        refusal = new Refusal(loop);
        accepting = new Accepting<>(loop, new Waiting(), refusal, type);
    }

    /**
     * Binds the socket to a local address and listens with a backlog of 1024.
     *
     * @param local an address of the socket's family; null for any address
     * @return this
     */
    @Override
    public Listener<C> bind(@Nullable SocketAddress local) throws IOException {
        return bind(local, BACKLOG);
    }

    /**
     * Binds the socket to a local address and listens.
     *
     * @param local an address of the socket's family; null for any address
     * @param backlog how many connections may wait to be accepted, 1 or more; the kernel may cap it
     * @return this
     * @throws java.nio.channels.AlreadyBoundException if the socket is bound
     * @throws java.nio.channels.UnsupportedAddressTypeException if the address is of another type
     * @throws java.nio.channels.UnresolvedAddressException if the address is not resolved
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES
     * @see <a href="https://man7.org/linux/man-pages/man2/listen.2.html">listen(2)</a>
     */
    public Listener<C> bind(@Nullable SocketAddress local, int backlog) throws IOException {
        SocketAddress address = requireAddress(local);
        requireUnbound();
        io().listen(openFd(), address, backlog);
        keep();
        return this;
    }

    /**
     * Registers this listener with its loop and starts to accept, at most 64 connections per turn.
     *
     * @param handler handles the connections
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EEXIST if already registered; ENOMEM, ENOSPC
     */
    public final void register(AcceptHandler<? super C> handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        register(UEvent.IN, accepting::acceptWaiting);
        accepting.start(handler);
    }

    /**
     * Stops accepting and deregisters this listener. Connections wait in the backlog. Does nothing
     * if it is not registered.
     */
    @Override
    public final void unregister() throws IOException {
        super.unregister();
        accepting.stop();
    }

    /**
     * Accepts one connection, without {@link #register(AcceptHandler)}. Ignores the limit of {@link
     * #limitConnections}.
     *
     * @return the connection, on this loop and not registered; null if none is waiting
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EINVAL if this is not bound; EMFILE, ENFILE, ECONNABORTED
     * @see <a href="https://man7.org/linux/man-pages/man2/accept.2.html">accept(2)</a>
     */
    public final @Nullable C accept() throws IOException {
        int fd = kept(io().accept(openFd()));
        if (fd == Descriptors.NONE) {
            return null;
        }
        C channel = wrap(fd);
        accepting.count().opened();
        return channel;
    }

    /** {@return the number of open connections that this listener accepted} */
    public final int connections() {
        return accepting.count().open();
    }

    /**
     * Limits the number of open connections of this listener. At the limit, it stops accepting and
     * connections wait in the backlog. It resumes when a connection is closed.
     *
     * @param limit 1 or more; unlimited by default
     * @throws IllegalArgumentException if it is less than 1
     */
    public final void limitConnections(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException(
                    "the limit of connections must be 1 or more, not " + limit);
        }
        accepting.limit(limit);
    }

    /**
     * Sets whether to refuse connections at the limit or when no descriptor is left. By default,
     * they wait in the backlog. Refused connections are accepted and reset at once, or closed on
     * unix-domain sockets, so clients learn it without waiting. When no descriptor is left, the
     * listener closes a spare one to accept them.
     *
     * <p>Not guaranteed when memory runs out, or when others take the spare descriptor first. Then
     * connections wait.
     *
     * @param refuse whether to refuse connections
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EMFILE, ENFILE if no descriptor is left to keep as a spare
     */
    public final void refuseWhenFull(boolean refuse) throws IOException {
        openFd();
        refusal.set(refuse);
        accepting.connectionClosed(); // refuses the connections that already wait
    }

    /**
     * {@return the number of connections refused since this listener was opened, see {@link
     * #refuseWhenFull}}
     */
    public final long refused() {
        return refusal.count();
    }

    /**
     * Deregisters this listener and closes the socket. Accepted connections stay open. Idempotent.
     */
    @Override
    public final void close() throws IOException {
        try {
            super.close();
        } finally {
            stopIfClosed();
        }
    }

    /** {@inheritDoc} The socket still listens. Accepted connections stay open. */
    @Override
    public final int detach() throws IOException {
        try {
            return super.detach();
        } finally {
            stopIfClosed();
        }
    }

    private void stopIfClosed() throws IOException {
        if (!isOpen()) {
            accepting.stop();
            refusal.close();
        }
    }

    private C wrap(int fd) throws IOException {
        try {
            return channel(fd, accepting.count());
        } catch (RuntimeException | Error e) { // no memory
            io().close(fd);
            throw e;
        }
    }

    /** Wraps an accepted descriptor. */
    abstract C channel(int fd, ConnectionCount count);

    /** Throws unless the address is of this socket's type. For null, returns a default address. */
    abstract SocketAddress requireAddress(@Nullable SocketAddress local);

    /** The connections that wait to be accepted. */
    private final class Waiting implements Accepting.Backlog<C> {
        @Override
        public @Nullable C accept() throws IOException {
            return Listener.this.accept();
        }

        @Override
        public void modify(int interest) throws IOException {
            Listener.this.modify(interest);
        }

        @Override
        public String toString() {
            return Listener.this.toString();
        }
    }
}
