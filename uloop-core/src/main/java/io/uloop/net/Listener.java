package io.uloop.net;

import io.uloop.Timer;
import io.uloop.Uloop;
import io.uloop.observe.LimitedLog;
import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
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
 * A listening socket on a loop: bound, it lets connections wait; registered, it hands them over.
 *
 * <p>When the process or the system is out of descriptors or memory, the listener pauses for a
 * tenth of a second at a time instead of spinning on connections that it cannot take; they wait in
 * the backlog meanwhile, and none is lost. So they do at a limit, see {@link #limitConnections}.
 * {@link #refuseWhenFull} has them refused instead. A connection that is gone before it was
 * accepted is passed over. When that happens several times in a row, as when a security module
 * forbids to accept (EPERM), the listener pauses in the same way. The log {@code io.uloop.net}
 * names the errno of each kind of pause, in a limited number of lines.
 *
 * <p>Every method is for the thread that runs the loop, or while none does for any one thread.
 *
 * @param <C> the kind of connection
 */
public abstract sealed class Listener<C extends StreamChannel> extends LoopSocket
        permits TcpListener, UnixListener {
    /** How many connections may wait if nothing else is said. */
    static final int BACKLOG = 1024;

    /** So that a flood of connections leaves the other descriptors their turn. */
    private static final int ACCEPTS_PER_EVENT = 64;

    /** So that an error that stays does not look like one lost connection after the other. */
    private static final int LOSSES_IN_A_ROW = 16;

    private static final Duration PAUSE = Duration.ofMillis(100);

    /** What passes when others let go; ENOSPC is of the poller's modify, too many are watched. */
    private static final Set<String> EXHAUSTED =
            Set.of("EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "ENOSPC");

    /** Errors of the connection that was waiting, not of the listener: accept(2) says to go on. */
    private static final Set<String> CONNECTION_LOST =
            Set.of(
                    "ECONNABORTED",
                    "EPROTO",
                    "EPERM",
                    "ENETDOWN",
                    "ENOPROTOOPT",
                    "EHOSTDOWN",
                    "ENONET",
                    "EHOSTUNREACH",
                    "EOPNOTSUPP",
                    "ENETUNREACH");

    private final ConnectionCount count = new ConnectionCount(this);

    /** Whether it pauses until one of its connections is closed. */
    private final AtomicBoolean full = new AtomicBoolean();

    private int limit = Integer.MAX_VALUE;
    private boolean refusing;

    private final AtomicLong refused = new AtomicLong();

    /** Let go to refuse those who wait when there is no other descriptor. */
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
     * Gives the socket a local address and listens with a backlog of 1024.
     *
     * @param local of the socket's kind; null for any
     * @return this
     */
    @Override
    public Listener<C> bind(@Nullable SocketAddress local) throws IOException {
        return bind(local, BACKLOG);
    }

    /**
     * Gives the socket a local address and listens.
     *
     * @param local of the socket's kind; null for any
     * @param backlog how many connections may wait to be accepted, 1 or more; the kernel may cap it
     * @return this
     * @throws java.nio.channels.AlreadyBoundException if it is bound
     * @throws java.nio.channels.UnsupportedAddressTypeException if it is another kind of address
     * @throws java.nio.channels.UnresolvedAddressException if its host name is not resolved
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES
     * @see <a href="https://man7.org/linux/man-pages/man2/listen.2.html">listen(2)</a>
     */
    public Listener<C> bind(@Nullable SocketAddress local, int backlog) throws IOException {
        SocketAddress address = requireAddress(local);
        requireUnbound();
        io().listen(openFd(), address, backlog);
        return this;
    }

    /**
     * Starts to accept: joins the loop and hands every connection over, at most 64 in a turn.
     *
     * @param handler gets the connections
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EEXIST if registered already; ENOMEM, ENOSPC
     */
    public final void register(AcceptHandler<? super C> handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        register(UEvent.IN, this::acceptWaiting);
        this.handler = handler;
    }

    /** Stops accepting: leaves the loop, and connections wait. Nothing if not registered. */
    @Override
    public final void unregister() throws IOException {
        super.unregister();
        stopAccepting();
    }

    /**
     * Accepts one connection, at the limit too, without {@link #register(AcceptHandler)}.
     *
     * @return the connection on this loop, not registered; null if nobody is waiting
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EINVAL if this is not bound; EMFILE, ENFILE, ECONNABORTED
     * @see <a href="https://man7.org/linux/man-pages/man2/accept.2.html">accept(2)</a>
     */
    public final @Nullable C accept() throws IOException {
        try {
            int fd = io().accept(openFd());
            if (fd == Descriptors.NONE) {
                return null;
            }
            C channel = wrap(fd);
            count.opened();
            return channel;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * How many connections of this listener are open. Any thread.
     *
     * @return those accepted and not closed
     */
    public final int connections() {
        return count.open();
    }

    /**
     * Limits how many connections of this listener are open at a time. At the limit it stops to
     * accept and connections wait in the backlog; it goes on when one is closed.
     *
     * @param limit 1 or more; at first there is none
     * @throws IllegalArgumentException if it is less than 1
     */
    public final void limitConnections(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit " + limit + " is not 1 or more");
        }
        this.limit = limit;
        connectionClosed();
    }

    /**
     * Says what becomes of connections that it cannot take, at the limit or out of descriptors. At
     * first they wait in the backlog. Refused ones are accepted and reset at once (those of
     * unix-domain sockets closed), so that a client need not wait to learn it; when there are no
     * descriptors, by one that is held in reserve.
     *
     * <p>Not guaranteed out of memory, or when others take the reserve first: then they wait.
     *
     * @param refuse whether to refuse them
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EMFILE, ENFILE if there is no descriptor to hold in reserve
     */
    public final void refuseWhenFull(boolean refuse) throws IOException {
        openFd();
        if (refuse) {
            reserve.take();
        } else {
            reserve.release();
        }
        refusing = refuse;
        connectionClosed(); // those who wait are refused from now on
    }

    /**
     * How many connections it has refused. Any thread.
     *
     * @return those since it was opened, see {@link #refuseWhenFull}
     */
    public final long refused() {
        return refused.get();
    }

    /** Leaves the loop and closes the socket; accepted connections live on. Any number of times. */
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

    /** Tells of a close by any thread. */
    final void connectionClosed() {
        if (full.compareAndSet(true, false)) {
            try {
                loop().execute(this::resume);
            } catch (RejectedExecutionException e) {
                // A closed loop accepts nothing any more.
            }
        }
    }

    /** Wraps one that was accepted. */
    abstract C channel(int fd, ConnectionCount count);

    /** Refuses an address of another kind; finds one for null. */
    abstract SocketAddress requireAddress(@Nullable SocketAddress local);

    /**
     * Accepts until nobody is waiting, the batch or the listener is full, or a handler has ended
     * it.
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
                    logExhaustion("cannot accept and pauses, connections wait", e);
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
                logExhaustion("cannot accept and pauses, connections wait", e);
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
            logExhaustion("cannot accept and refuses connections", cause);
        } else {
            pause();
            logExhaustion("cannot accept and pauses, connections wait", cause);
        }
    }

    /** Turns away those who wait by means of the reserve; false if that has reached nobody. */
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
            // Others were faster; the next resumption tries again.
        }
    }

    private void hand(C channel, AcceptHandler<? super C> taker) throws Exception {
        try {
            taker.accepted(channel);
        } catch (OutOfMemoryError | StackOverflowError e) {
            channel.closeAfter(e);
            throw new ExecutionException(this + " closes " + channel + ": " + e, e);
        } catch (Exception | Error e) {
            channel.closeAfter(e);
            throw e;
        }
    }

    private void waitForClose() throws IOException {
        modify(UEvent.NONE);
        full.set(true);
        if (count.open() < limit) { // closed by another thread since it was counted
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

    private void resume() {
        if (handler == null) {
            return; // left the loop since
        }
        try {
            if (refusing) {
                renewReserve();
            }
            modify(UEvent.IN);
        } catch (IOException e) {
            if (!(e instanceof PollerException failure) || !EXHAUSTED.contains(failure.errno())) {
                throw new UncheckedIOException(e);
            }
            resumeLater();
            logExhaustion("cannot be watched and pauses, connections wait", failure);
        }
    }

    private void stopAccepting() {
        handler = null;
        full.set(false);
        if (resumption != null) {
            resumption.cancel();
            resumption = null;
        }
    }

    private void logExhaustion(String consequence, Throwable e) {
        exhaustion.log(() -> this + " " + consequence + ": " + e.getMessage(), e);
    }
}
