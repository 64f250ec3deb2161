package io.uloop.group;

import io.uloop.Uloop;
import io.uloop.net.AcceptHandler;
import io.uloop.net.Listener;
import io.uloop.net.ListenerPreparation;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Listens on behalf of a group of loops. Each connection is accepted once and belongs to one loop.
 * A {@link ListenerPreparation} sets socket options and limits on connections.
 *
 * <p>The listener is closed when the group's {@link UloopGroup#shutdown} begins. Under {@link
 * Spread#SHARED_PORT}, a loop that fails loses the connections in its own backlog. Under {@link
 * Spread#HAND_OVER}, the whole listener ends if the loop that accepts fails.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public final class GroupListener implements AutoCloseable {
    private static final boolean KERNEL_SPREADS = System.getProperty("os.name").startsWith("Linux");

    private final UloopGroup group;
    private final AcceptHandler<? super TcpChannel> handler;
    private volatile SocketAddress localAddress;

    /**
     * Indexed by loop; each element is used only on its loop's thread. Null where there is none.
     */
    private final @Nullable TcpListener[] listeners;

    /** Opens the listener of a loop that replaces another one; null under HAND_OVER. */
    private volatile @Nullable ListenerPreparation shared;

    /** How many loops listen, or are about to. */
    private final AtomicInteger listening = new AtomicInteger();

    private volatile boolean closed;

    private GroupListener(
            UloopGroup group, SocketAddress local, AcceptHandler<? super TcpChannel> handler) {
        this.group = group;
        this.handler = handler;
        localAddress = local;
        listeners = new TcpListener[group.size()];
    }

    /**
     * Listens in the way that suits the platform: {@link Spread#SHARED_PORT} for internet addresses
     * on Linux, {@link Spread#HAND_OVER} otherwise.
     *
     * @param group the group whose loops will serve the connections
     * @param local an {@link InetSocketAddress}; port 0 for any port. For a wildcard address, the
     *     sockets serve IPv4 and IPv6 where the machine has both
     * @param handler handles the connections, each on the thread of its loop
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
     * Listens in the given way. Waits until the loops have registered their listeners.
     *
     * @param group the group whose loops will serve the connections
     * @param local an {@link InetSocketAddress}; port 0 for any port. For a wildcard address, the
     *     sockets serve IPv4 and IPv6 where the machine has both
     * @param spread how connections are distributed over the loops
     * @param handler handles the connections, each on the thread of its loop
     * @return a listener that accepts
     * @throws UnsupportedOperationException if sockets of this platform cannot share a port
     * @throws IllegalStateException on the thread of one of the loops, or if one that would listen
     *     has ended or the group is being shut down
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
     * Listens in the given way, with configured sockets: their options, {@link
     * Listener#limitConnections}, {@link Listener#refuseWhenFull}. Under {@link Spread#SHARED_PORT}
     * each loop has one socket, so a limit applies to each loop. Under {@link Spread#HAND_OVER}
     * there is one socket for all loops.
     *
     * <p>Otherwise as {@link #open(UloopGroup, SocketAddress, Spread, AcceptHandler)}.
     *
     * @param group the group whose loops will serve the connections
     * @param local an {@link InetSocketAddress}; port 0 for any port. For a wildcard address, the
     *     sockets serve IPv4 and IPv6 where the machine has both
     * @param spread how connections are distributed over the loops
     * @param preparation configures each socket before it is bound, on the thread that calls this
     * @param handler handles the connections, each on the thread of its loop
     * @return a listener that accepts
     * @throws UnsupportedOperationException if sockets of this platform cannot share a port
     * @throws IllegalStateException on the thread of one of the loops, or if one that would listen
     *     has ended or the group is being shut down
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE, ENFILE, ENOMEM, ENOSPC; any
     *     exception of the preparation
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
                        "cannot open a GroupListener on the thread of one of its loops; use"
                                + " another thread");
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

    /** {@return the address on which this listens, with the actual port} */
    public SocketAddress localAddress() {
        return localAddress;
    }

    /**
     * Stops listening as soon as each loop runs the request. Accepted connections stay open.
     * Idempotent.
     */
    @Override
    public void close() {
        closed = true;
        removeIfOver();
        for (int i = 0; i < listeners.length; i++) {
            int index = i;
            try {
                group.loop(i).post(() -> closeListener(index));
            } catch (RejectedExecutionException e) {
                // The loop has ended, and with it its listener.
            }
        }
    }

    private void listen(SocketAddress local, Spread spread, ListenerPreparation preparation)
            throws IOException {
        group.add(this);
        if (spread == Spread.HAND_OVER) {
            TcpListener listener = TcpListener.open(group.loop(0), local, preparation);
            listener.acceptFor(this::nextLoop);
            register(0, listener);
            return;
        }
        ListenerPreparation sharing =
                listener -> {
                    listener.setOption(StandardSocketOptions.SO_REUSEPORT, true);
                    preparation.prepare(listener);
                };
        SocketAddress place = local;
        for (int i = 0; i < group.size(); i++) {
            register(i, TcpListener.open(group.loop(i), place, sharing));
            place = localAddress;
        }
        shared = sharing;
    }

    /** Listens on a loop that replaces another one, on any thread. */
    void loopReplaced(int index) throws IOException {
        ListenerPreparation sharing = shared;
        if (sharing == null || isOver()) {
            return;
        }
        try {
            register(index, TcpListener.open(group.loop(index), localAddress, sharing));
        } catch (IllegalStateException e) {
            if (!isOver()) {
                throw e;
            }
        }
    }

    /** Returns whether this is closed or about to be closed by the group. */
    private boolean isOver() {
        return closed || group.isEnding();
    }

    private Uloop nextLoop() {
        try {
            return group.next();
        } catch (IllegalStateException e) {
            return group.loop(0); // it has just been closed too, but its turn is not over
        }
    }

    private void register(int index, TcpListener listener) throws IOException {
        try {
            localAddress = Objects.requireNonNull(listener.getLocalAddress());
            Callable<Integer> start =
                    () -> {
                        listening.incrementAndGet();
                        if (isOver()) { // otherwise the end is yet to reach this loop
                            stopsListening();
                            throw new IllegalStateException(
                                    "cannot open a GroupListener: it is closed, or its group is"
                                            + " shutting down");
                        }
                        listeners[index] = listener;
                        listener.register(this::hand);
                        return index;
                    };
            group.loop(index).submit(start).join();
        } catch (IOException | RuntimeException e) {
            listener.close(); // it is not registered
            throw unwrapped(e);
        }
    }

    private static IOException unwrapped(Exception e) {
        Throwable cause = e instanceof CompletionException ? e.getCause() : e;
        if (cause instanceof IOException failure) {
            return failure;
        }
        if (cause instanceof RejectedExecutionException) {
            throw new IllegalStateException(
                    "cannot open a GroupListener: a loop of the group is closed", cause);
        }
        if (cause instanceof RuntimeException failure) {
            throw failure;
        }
        throw new IllegalStateException(cause);
    }

    /** Called on the thread of the loop that accepts. */
    private void hand(TcpChannel channel) throws Exception {
        Uloop owner = channel.loop();
        if (owner.inLoop()) {
            handler.accepted(channel);
            return;
        }
        group.underway().add(channel);
        try {
            owner.post(() -> take(channel));
        } catch (RejectedExecutionException e) {
            if (group.underway().remove(channel)) {
                closeAfter(e, channel); // the loop has just ended
            }
        }
    }

    /** Called on the thread of the loop that serves the connection. */
    private void take(TcpChannel channel) throws Exception {
        if (!group.underway().remove(channel)) {
            return;
        }
        try {
            handler.accepted(channel);
        } catch (OutOfMemoryError | StackOverflowError e) {
            closeAfter(e, channel);
            throw new ExecutionException(
                    "GroupListener["
                            + localAddress
                            + "] closed "
                            + channel
                            + " because its handler failed: "
                            + e,
                    e);
        } catch (Exception | Error e) {
            closeAfter(e, channel);
            throw e;
        }
    }

    private static void closeAfter(Throwable failure, TcpChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Stops listening on a loop, on its thread. */
    void closeListener(int index) throws IOException {
        TcpListener listener = listeners[index];
        if (listener == null) {
            return;
        }
        listeners[index] = null;
        stopsListening();
        listener.close();
    }

    private void stopsListening() {
        listening.decrementAndGet();
        removeIfOver();
    }

    /** Leaves the group, which closes the listener of a loop that ends, if there is none left. */
    private void removeIfOver() {
        if (closed && listening.get() == 0) {
            group.remove(this);
        }
    }
}
