package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.UloopGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Listens for a whole group of loops: each connection is accepted once and belongs to one of them.
 * Options of its sockets and limits on connections are set by a {@link ListenerPreparation}.
 *
 * <p>It is closed when the group's {@link UloopGroup#shutdown} begins. A loop that fails takes with
 * it the connections in its own backlog under {@link Spread#SHARED_PORT}, and the whole listener if
 * it is the one that accepts under {@link Spread#HAND_OVER}. Every method is for any thread.
 */
public final class GroupListener implements AutoCloseable {
    private static final boolean KERNEL_SPREADS = System.getProperty("os.name").startsWith("Linux");

    private final UloopGroup group;
    private final AcceptHandler<? super TcpChannel> handler;
    private volatile SocketAddress localAddress;

    /** By loop, each for its loop's thread; null where there is none. */
    private final @Nullable TcpListener[] listeners;

    /** Handed over and not yet taken. */
    private final Set<TcpChannel> underway = ConcurrentHashMap.newKeySet();

    private GroupListener(
            UloopGroup group, SocketAddress local, AcceptHandler<? super TcpChannel> handler) {
        this.group = group;
        this.handler = handler;
        localAddress = local;
        listeners = new TcpListener[group.size()];
    }

    /**
     * Listens in the way that suits the platform: {@link Spread#SHARED_PORT} for internet addresses
     * on Linux, else {@link Spread#HAND_OVER}.
     *
     * @param group its loops will serve
     * @param local an {@link InetSocketAddress}; port 0 for any. For any address, the sockets take
     *     IPv4 and IPv6 where the machine has both
     * @param handler gets the connections, each on the thread of its loop
     * @return a listener that accepts
     * @throws IOException as {@link #open(UloopGroup, SocketAddress, Spread, AcceptHandler)}
     */
    public static GroupListener open(
            UloopGroup group, SocketAddress local, AcceptHandler<? super TcpChannel> handler)
            throws IOException {
        boolean shared = KERNEL_SPREADS && local instanceof InetSocketAddress;
        return open(group, local, shared ? Spread.SHARED_PORT : Spread.HAND_OVER, handler);
    }

    /**
     * Listens in the way asked for. Waits until the loops concerned have taken up their listeners.
     *
     * @param group its loops will serve
     * @param local an {@link InetSocketAddress}; port 0 for any. For any address, the sockets take
     *     IPv4 and IPv6 where the machine has both
     * @param spread how connections come to the loops
     * @param handler gets the connections, each on the thread of its loop
     * @return a listener that accepts
     * @throws UnsupportedOperationException if the platform's sockets cannot share a port
     * @throws IllegalStateException on the thread of one of the loops, or if one has ended or the
     *     group is being shut down
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE, ENFILE, ENOMEM, ENOSPC
     */
    public static GroupListener open(
            UloopGroup group,
            SocketAddress local,
            Spread spread,
            AcceptHandler<? super TcpChannel> handler)
            throws IOException {
        return open(group, local, spread, listener -> {}, handler);
    }

    /**
     * As {@link #open(UloopGroup, SocketAddress, Spread, AcceptHandler)}, with sockets made ready
     * for what they are to do: their options, {@link Listener#limitConnections}, {@link
     * Listener#refuseWhenFull}. There is one socket for each loop under {@link Spread#SHARED_PORT},
     * and so a limit is one of each loop; under {@link Spread#HAND_OVER} there is one for all.
     *
     * @param group its loops will serve
     * @param local an {@link InetSocketAddress}; port 0 for any. For any address, the sockets take
     *     IPv4 and IPv6 where the machine has both
     * @param spread how connections come to the loops
     * @param preparation called for each socket, before it is bound, on the thread that opens
     * @param handler gets the connections, each on the thread of its loop
     * @return a listener that accepts
     * @throws UnsupportedOperationException if the platform's sockets cannot share a port
     * @throws IllegalStateException on the thread of one of the loops, or if one has ended or the
     *     group is being shut down
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE, ENFILE, ENOMEM, ENOSPC; what
     *     the preparation throws
     */
    public static GroupListener open(
            UloopGroup group,
            SocketAddress local,
            Spread spread,
            ListenerPreparation preparation,
            AcceptHandler<? super TcpChannel> handler)
            throws IOException {
        Objects.requireNonNull(preparation, "preparation");
        Objects.requireNonNull(handler, "handler");
        for (int i = 0; i < group.size(); i++) {
            if (group.loop(i).inLoop()) {
                throw new IllegalStateException(
                        "a loop cannot wait for itself; open the listener on another thread");
            }
        }
        GroupListener listener = new GroupListener(group, local, handler);
        try {
            listener.listen(local, Objects.requireNonNull(spread, "spread"), preparation);
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw e;
        }
        return listener;
    }

    /**
     * Where it listens.
     *
     * @return the address with the port that it got
     */
    public SocketAddress localAddress() {
        return localAddress;
    }

    /**
     * Stops to listen, as soon as the loops come to it; accepted connections live on. Any number of
     * times.
     */
    @Override
    public void close() {
        for (int i = 0; i < listeners.length; i++) {
            int index = i;
            try {
                group.loop(i).execute(() -> closeListener(index));
            } catch (RejectedExecutionException e) {
                // The loop has ended, and with it its listener.
            }
        }
    }

    private void listen(SocketAddress local, Spread spread, ListenerPreparation preparation)
            throws IOException {
        for (int i = 0; i < group.size(); i++) {
            int index = i;
            group.atEnd(i, () -> loopEnded(index));
        }
        if (spread == Spread.HAND_OVER) {
            TcpListener listener = openBound(group.loop(0), local, preparation);
            listener.acceptFor(this::nextLoop);
            register(0, listener);
            return;
        }
        ListenerPreparation shared =
                listener -> {
                    listener.setOption(StandardSocketOptions.SO_REUSEPORT, true);
                    preparation.prepare(listener);
                };
        SocketAddress place = local;
        for (int i = 0; i < group.size(); i++) {
            register(i, openBound(group.loop(i), place, shared));
            place = localAddress;
        }
    }

    private Uloop nextLoop() {
        try {
            return group.next();
        } catch (IllegalStateException e) {
            return group.loop(0); // even this one has just been closed, but its turn is not over
        }
    }

    private static TcpListener openBound(
            Uloop loop, SocketAddress local, ListenerPreparation preparation) throws IOException {
        return LoopSocket.openBound(
                local,
                family -> TcpListener.open(loop, family),
                listener -> {
                    preparation.prepare(listener);
                    listener.bind(local);
                });
    }

    private void register(int index, TcpListener listener) throws IOException {
        try {
            localAddress = Objects.requireNonNull(listener.getLocalAddress());
            group.atShutdown(index, () -> closeListener(index));
            group.loop(index)
                    .submit(
                            () -> {
                                listener.register(this::hand);
                                listeners[index] = listener;
                                return index;
                            })
                    .join();
        } catch (IOException | RuntimeException e) {
            listener.close(); // it has not joined its loop
            throw unwrapped(e);
        }
    }

    private static IOException unwrapped(Exception e) {
        Throwable cause = e instanceof CompletionException ? e.getCause() : e;
        if (cause instanceof IOException failure) {
            return failure;
        }
        if (cause instanceof RejectedExecutionException) {
            throw new IllegalStateException("a loop of the group has ended", cause);
        }
        if (cause instanceof RuntimeException failure) {
            throw failure;
        }
        throw new IllegalStateException(cause);
    }

    /** On the thread of the loop that accepts. */
    private void hand(TcpChannel channel) throws Exception {
        Uloop owner = channel.loop();
        if (owner.inLoop()) {
            handler.accepted(channel);
            return;
        }
        underway.add(channel);
        try {
            owner.execute(() -> take(channel));
        } catch (RejectedExecutionException e) {
            if (underway.remove(channel)) {
                channel.closeAfter(e); // the loop has just ended
            }
        }
    }

    /** On the thread of the loop that serves. */
    private void take(TcpChannel channel) {
        if (!underway.remove(channel)) {
            return;
        }
        try {
            handler.accepted(channel);
        } catch (OutOfMemoryError | StackOverflowError e) {
            channel.closeAfter(e);
            throw new CompletionException(
                    "the listener on " + localAddress + " closes " + channel + ": " + e, e);
        } catch (RuntimeException | Error e) {
            channel.closeAfter(e);
            throw e;
        } catch (Exception e) {
            channel.closeAfter(e);
            throw new CompletionException(e);
        }
    }

    private void closeListener(int index) {
        TcpListener listener = listeners[index];
        if (listener == null) {
            return;
        }
        listeners[index] = null;
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void loopEnded(int index) {
        for (TcpChannel channel : List.copyOf(underway)) {
            if (channel.loop() == group.loop(index) && underway.remove(channel)) {
                try {
                    channel.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        closeListener(index);
    }
}
