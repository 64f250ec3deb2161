package io.uloop.net;

import io.uloop.Timer;
import io.uloop.Uloop;
import io.uloop.observe.LimitedLog;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
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
 */
public abstract sealed class Listener<C extends StreamChannel> extends LoopSocket
        permits TcpListener, UnixListener {
    /** The default backlog. */
    static final int BACKLOG = 1024;

    /** Bounds a batch, so that a flood of connections does not starve the other descriptors. */
    private static final int ACCEPTS_PER_EVENT = 64;

    /** Bounds the lost connections in a row, so that a permanent error does not spin. */
    private static final int LOSSES_IN_A_ROW = 16;

    private static final Duration PAUSE = Duration.ofMillis(100);

    /**
     * Errors that pass when others release resources. ENOSPC comes from registering: the limit of
     * watched descriptors is reached.
     */
    private static final Set<Errno> EXHAUSTED =
            Set.of(Errno.EMFILE, Errno.ENFILE, Errno.ENOBUFS, Errno.ENOMEM, Errno.ENOSPC);

    /** Errors of the waiting connection, not of the listener. accept(2) says to retry. */
    private static final Set<Errno> CONNECTION_LOST =
            Set.of(
                    Errno.ECONNABORTED,
                    Errno.EPROTO,
                    Errno.EPERM,
                    Errno.ENETDOWN,
                    Errno.ENOPROTOOPT,
                    Errno.EHOSTDOWN,
                    Errno.ENONET,
                    Errno.EHOSTUNREACH,
                    Errno.EOPNOTSUPP,
                    Errno.ENETUNREACH);

    private final ConnectionCount count = new ConnectionCount(this);

    /** Whether accepting is paused until a connection is closed. */
    private final AtomicBoolean full = new AtomicBoolean();

    private int limit = Integer.MAX_VALUE;
    private boolean refusing;

    private final AtomicLong refused = new AtomicLong();

    /** A spare descriptor, closed to accept and refuse connections after EMFILE. */
    private final Reserve reserve;

    private @Nullable AcceptHandler<? super C> handler; // null while not registered
    private @Nullable Timer resumption;
    private final LimitedLog exhaustion =
            new LimitedLog(System.getLogger("io.uloop.net"), System.Logger.Level.WARNING, 1, false);

    Listener(Uloop loop, ProtocolFamily family, int fd) {
        super(loop, family, fd);
        reserve = new Reserve(loop);
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
        register(UEvent.IN, this::acceptWaiting);
        this.handler = handler;
    }

    /**
     * Stops accepting and deregisters this listener. Connections wait in the backlog. Does nothing
     * if it is not registered.
     */
    @Override
    public final void unregister() throws IOException {
        super.unregister();
        stopAccepting();
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
        count.opened();
        return channel;
    }

    /** {@return the number of open connections that this listener accepted} */
    public final int connections() {
        return count.open();
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
        this.limit = limit;
        connectionClosed();
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
        if (refuse) {
            reserve.take();
        } else {
            reserve.release();
        }
        refusing = refuse;
        connectionClosed(); // refuses the connections that already wait
    }

    /**
     * {@return the number of connections refused since this listener was opened, see {@link
     * #refuseWhenFull}}
     */
    public final long refused() {
        return refused.get();
    }

    /**
     * Deregisters this listener and closes the socket. Accepted connections stay open. Idempotent.
     */
    @Override
    public final void close() throws IOException {
        try {
            super.close();
        } finally {
            if (!isOpen()) {
                stopAccepting();
                reserve.release();
            }
        }
    }

    private C wrap(int fd) throws IOException {
        try {
            return channel(fd, count);
        } catch (RuntimeException | Error e) { // no memory
            io().close(fd);
            throw e;
        }
    }

    /** Resumes accepting after a connection was closed. Thread-safe. */
    final void connectionClosed() {
        if (full.compareAndSet(true, false)) {
            try {
                loop().post(this::resume);
            } catch (RejectedExecutionException e) {
                // A closed loop does not accept.
            }
        }
    }

    /** Wraps an accepted descriptor. */
    abstract C channel(int fd, ConnectionCount count);

    /** Throws unless the address is of this socket's type. For null, returns a default address. */
    abstract SocketAddress requireAddress(@Nullable SocketAddress local);

    /**
     * Accepts until no connection waits, the batch or the limit is reached, or a handler
     * unregisters this.
     */
    private void acceptWaiting(int fd, int events) throws Exception {
        int losses = 0;
        for (int i = 0; i < ACCEPTS_PER_EVENT && handler != null; i++) {
            boolean full = count.open() >= limit;
            if (full && !refusing) {
                waitForClose();
                return;
            }
            C channel;
            try {
                channel = accept();
            } catch (PollerException e) {
                if (CONNECTION_LOST.contains(e.errno())) {
                    if (++losses < LOSSES_IN_A_ROW) {
                        continue;
                    }
                    pause();
                    logExhaustion("cannot accept; connections wait in the backlog", e);
                    return;
                }
                if (!EXHAUSTED.contains(e.errno())) {
                    pause();
                    throw e;
                }
                outlastExhaustion(e);
                return;
            } catch (OutOfMemoryError e) {
                pause();
                logExhaustion("cannot accept; connections wait in the backlog", e);
                return;
            }
            if (channel == null) {
                return;
            }
            losses = 0;
            if (full) {
                refuse(channel);
            } else {
                hand(channel, handler);
            }
        }
    }

    private void outlastExhaustion(PollerException cause) throws IOException {
        if (refuseWaiting()) {
            logExhaustion("cannot accept; connections are refused", cause);
        } else {
            pause();
            logExhaustion("cannot accept; connections wait in the backlog", cause);
        }
    }

    /**
     * Refuses waiting connections with the spare descriptor. Returns false if that refused none.
     */
    private boolean refuseWaiting() throws IOException {
        if (!reserve.release()) {
            return false;
        }
        int reached = 0;
        try {
            C channel;
            while (reached < ACCEPTS_PER_EVENT && (channel = accept()) != null) {
                refuse(channel);
                reached++;
            }
        } catch (PollerException e) {
            if (!EXHAUSTED.contains(e.errno()) && !CONNECTION_LOST.contains(e.errno())) {
                throw e;
            }
        } finally {
            renewReserve();
        }
        return reached > 0;
    }

    private void refuse(C channel) throws IOException {
        refused.incrementAndGet();
        channel.reset();
    }

    private void renewReserve() throws IOException {
        try {
            reserve.take();
        } catch (PollerException e) {
            if (!EXHAUSTED.contains(e.errno())) {
                throw e;
            }
            // Other code took the descriptor. The next resumption tries again.
        }
    }

    private void hand(C channel, AcceptHandler<? super C> taker) throws Exception {
        try {
            taker.accepted(channel);
        } catch (OutOfMemoryError | StackOverflowError e) {
            channel.closeAfter(e);
            throw new ExecutionException(
                    this + " closed " + channel + " because its handler failed: " + e, e);
        } catch (Exception | Error e) {
            channel.closeAfter(e);
            throw e;
        }
    }

    private void waitForClose() throws IOException {
        modify(UEvent.NONE);
        full.set(true);
        if (count.open() < limit) { // another thread closed one since the check
            connectionClosed();
        }
    }

    private void pause() throws IOException {
        modify(UEvent.NONE);
        resumeLater();
    }

    private void resumeLater() {
        resumption = loop().callLater(PAUSE, this::resume);
    }

    private void resume() throws IOException {
        if (handler == null) {
            return; // deregistered meanwhile
        }
        try {
            if (refusing) {
                renewReserve();
            }
            modify(UEvent.IN);
        } catch (IOException e) {
            if (!(e instanceof PollerException failure) || !EXHAUSTED.contains(failure.errno())) {
                throw e;
            }
            resumeLater();
            logExhaustion("cannot be registered; connections wait in the backlog", failure);
        }
    }

    private void stopAccepting() {
        handler = null;
        full.set(false);
        if (resumption != null) {
            resumption.close();
            resumption = null;
        }
    }

    private void logExhaustion(String consequence, Throwable e) {
        exhaustion.log(() -> this + " " + consequence + ": " + e.getMessage(), e);
    }
}
