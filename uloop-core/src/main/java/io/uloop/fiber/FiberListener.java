package io.uloop.fiber;

import io.uloop.descriptor.AcceptFault;
import io.uloop.net.Listener;
import io.uloop.net.StreamChannel;
import io.uloop.net.TcpListener;
import io.uloop.net.UnixListener;
import io.uloop.observe.LimitedLog;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A listening TCP or unix-domain socket whose {@link #accept} waits.
 *
 * <pre>{@code
 * FiberListener listener = FiberListener.open(fibers, new InetSocketAddress(7000));
 * fibers.start("listener", () -> {
 *     while (true) {
 *         FiberSocket socket = listener.accept();
 *         fibers.start("client", () -> serve(socket));
 *     }
 * });
 * }</pre>
 *
 * <p>Thread-safe. Any number of fibers may accept, one at a time.
 *
 * @since 0.1
 */
public final class FiberListener extends FiberChannel {
    private final Listener<? extends StreamChannel> listener;
    private final OperationLock accepting = new OperationLock();
    private final LimitedLog log =
            new LimitedLog(
                    System.getLogger("io.uloop.fiber"), System.Logger.Level.WARNING, 1, false);

    private FiberListener(Scheduler scheduler, Listener<? extends StreamChannel> listener) {
        super(scheduler, listener, scheduler.interest(UEvent.IN), Readiness.READ);
        this.listener = listener;
    }

    /**
     * Opens a socket, binds it and listens with a backlog of 1024.
     *
     * @param fibers whose loop serves the socket
     * @param local an {@link InetSocketAddress}, port 0 for any port, {@link
     *     java.net.UnixDomainSocketAddress} or {@link io.uloop.poller.UnixAddress}
     * @return a listener
     * @throws java.nio.channels.UnsupportedAddressTypeException if the address is of another type
     * @throws java.nio.channels.UnresolvedAddressException if the address is not resolved
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE, ENFILE
     */
    public static FiberListener open(Fibers fibers, SocketAddress local) throws IOException {
        Scheduler scheduler = fibers.scheduler();
        return new FiberListener(
                scheduler,
                local instanceof InetSocketAddress
                        ? TcpListener.open(scheduler.loop(), local)
                        : UnixListener.open(scheduler.loop(), local));
    }

    /**
     * Returns a listener that accepts the connections of another one.
     *
     * @param fibers fibers on the loop of the listener
     * @param listener bound and not registered; owned by the result from now on
     * @return the listener
     * @throws IllegalArgumentException if the listener belongs to another loop
     */
    public static FiberListener of(Fibers fibers, Listener<? extends StreamChannel> listener) {
        return new FiberListener(fibers.scheduler().requireOwn(listener), listener);
    }

    /**
     * Accepts a connection. Waits until one comes. While the process or the system is out of
     * descriptors or memory, connections wait in the backlog, and this tries again every 100 ms.
     * The log {@code io.uloop.fiber} says so in a limited number of lines.
     *
     * @return the connection
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws InterruptedIOException if the thread is interrupted
     * @throws IOException EINVAL if the socket does not listen
     */
    public FiberSocket accept() throws IOException {
        lock(accepting, "accept");
        try {
            int losses = 0;
            for (; ; ) {
                int seen = readiness().known();
                if (!Readiness.isReady(seen, Readiness.READ)) {
                    await(Readiness.READ, "accept");
                    continue;
                }
                StreamChannel channel = null;
                try {
                    channel = acceptNow();
                    if (channel != null) {
                        return FiberSocket.connected(scheduler(), channel);
                    }
                } catch (PollerException e) {
                    losses++;
                    outlast(e, losses);
                    continue;
                } catch (OutOfMemoryError e) { // of one connection, not of the listener
                    if (channel != null) {
                        channel.close();
                    }
                    pause(e);
                    continue;
                }
                readiness().drained(seen, Readiness.READ);
            }
        } finally {
            accepting.unlock();
        }
    }

    private @Nullable StreamChannel acceptNow() throws IOException {
        enter();
        try {
            return listener.accept();
        } finally {
            exit();
        }
    }

    /** Pauses after a failed accept, unless another connection may follow at once. */
    private void outlast(PollerException cause, int losses) throws IOException {
        AcceptFault fault = AcceptFault.of(cause);
        if (fault == AcceptFault.PERMANENT) {
            throw cause;
        }
        if (fault == AcceptFault.CONNECTION_LOST && losses % AcceptFault.LOSSES_IN_A_ROW != 0) {
            return;
        }
        pause(cause);
    }

    private void pause(Throwable cause) throws IOException {
        log.log(
                () ->
                        this
                                + " cannot accept; connections wait in the backlog: "
                                + cause.getMessage(),
                cause);
        scheduler().pause(AcceptFault.PAUSE, "accept on " + this);
    }

    /**
     * {@return the listener of this, for its options, address and limits} Do not register or close
     * it.
     */
    public Listener<? extends StreamChannel> listener() {
        return listener;
    }

    /**
     * {@return the local address}
     *
     * @throws IOException {@link java.nio.channels.ClosedChannelException} if this is closed
     */
    public @Nullable SocketAddress getLocalAddress() throws IOException {
        enter();
        try {
            return listener.getLocalAddress();
        } finally {
            exit();
        }
    }
}
