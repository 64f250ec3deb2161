package io.uloop.net;

import io.uloop.Timer;
import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.Channel;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A listening TCP socket on a loop.
 *
 * <p>When the process or the system is out of descriptors or memory, the listener pauses for a
 * tenth of a second at a time instead of spinning on connections that it cannot take; they wait in
 * the backlog meanwhile.
 *
 * <p>Every method is for the thread that runs the loop, or while none does for any one thread.
 */
public final class TcpListener implements Channel {
    private static final System.Logger LOGGER = System.getLogger("io.uloop.net");

    private static final int BACKLOG = 1024;

    /** So that a flood of connections leaves the other descriptors their turn. */
    private static final int ACCEPTS_PER_EVENT = 64;

    private static final Duration PAUSE = Duration.ofMillis(100);

    private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

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

    private final Endpoint endpoint;
    private @Nullable AcceptHandler handler; // null while not registered
    private @Nullable Timer resumption;
    private long nextLogNanos = System.nanoTime();

    private TcpListener(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    /**
     * Opens a listener with a backlog of {@value #BACKLOG}.
     *
     * @param loop the loop that will serve it
     * @param local an {@link java.net.InetSocketAddress}; port 0 for any
     * @return a listener; connections wait until {@link #register}
     * @throws IOException as {@link #open(Uloop, SocketAddress, int)}
     */
    public static TcpListener open(Uloop loop, SocketAddress local) throws IOException {
        return open(loop, local, BACKLOG);
    }

    /**
     * Opens a socket with SO_REUSEADDR, binds it and listens.
     *
     * @param loop the loop that will serve it
     * @param local an {@link java.net.InetSocketAddress}; port 0 for any
     * @param backlog how many connections may wait to be accepted, 1 or more; the kernel may cap it
     * @return a listener; connections wait until {@link #register}
     * @throws java.nio.channels.UnsupportedAddressTypeException if it is another kind of address
     * @throws java.nio.channels.UnresolvedAddressException if its host name is not resolved
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/listen.2.html">listen(2)</a>
     */
    public static TcpListener open(Uloop loop, SocketAddress local, int backlog)
            throws IOException {
        Descriptors descriptors = loop.descriptors();
        Endpoint endpoint = new Endpoint(loop, descriptors.openListener(Endpoint.family(local)));
        try {
            endpoint.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            descriptors.listen(endpoint.fd(), local, backlog);
        } catch (IOException | RuntimeException e) {
            endpoint.closeAfter(e);
            throw e;
        }
        return new TcpListener(endpoint);
    }

    /**
     * Starts to accept: joins the loop and hands every connection over.
     *
     * @param handler gets the connections
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EEXIST if registered already; ENOMEM, ENOSPC
     */
    public void register(AcceptHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        endpoint.register(UEvent.IN, this::acceptWaiting);
        this.handler = handler;
    }

    /**
     * Stops accepting: leaves the loop, and connections wait. Nothing if not registered.
     *
     * @throws IllegalStateException if it is registered and another thread runs the loop
     * @throws IOException never; declared because the loop's remove does
     */
    public void unregister() throws IOException {
        endpoint.unregister();
        stopAccepting();
    }

    /**
     * Accepts one connection without {@link #register}.
     *
     * @return the connection on this loop, not registered; null if nobody is waiting
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EMFILE, ENFILE, ECONNABORTED
     * @see <a href="https://man7.org/linux/man-pages/man2/accept.2.html">accept(2)</a>
     */
    public @Nullable TcpChannel accept() throws IOException {
        int fd = endpoint.descriptors().accept(endpoint.openFd());
        return fd == Descriptors.NONE ? null : new TcpChannel(new Endpoint(endpoint.loop(), fd));
    }

    /**
     * Where it listens.
     *
     * @return the address with the port that it got
     * @throws IOException {@link java.nio.channels.ClosedChannelException} if this is closed
     */
    public SocketAddress localAddress() throws IOException {
        return Objects.requireNonNull(endpoint.localAddress(), "a listener is bound");
    }

    /**
     * Sets a socket option.
     *
     * @param <T> the option's type
     * @param option one of {@link StandardSocketOptions}
     * @param value its value
     * @throws UnsupportedOperationException if the socket has no such option
     * @throws IOException EINVAL, ENOPROTOOPT
     */
    public <T> void setOption(SocketOption<T> option, T value) throws IOException {
        endpoint.setOption(option, value);
    }

    /**
     * Reads a socket option.
     *
     * @param <T> the option's type
     * @param option one of {@link StandardSocketOptions}
     * @return its value; null where the option has none
     * @throws UnsupportedOperationException if the socket has no such option
     * @throws IOException EINVAL, ENOPROTOOPT
     */
    public <T> @Nullable T option(SocketOption<T> option) throws IOException {
        return endpoint.option(option);
    }

    /**
     * Its loop. Any thread.
     *
     * @return the loop given to open
     */
    public Uloop loop() {
        return endpoint.loop();
    }

    /**
     * Its number. Any thread.
     *
     * @return the descriptor; it stays this listener's to close
     */
    public int fd() {
        return endpoint.fd();
    }

    /**
     * Tells whether {@link #close} has not been called yet. Any thread.
     *
     * @return true until closed
     */
    @Override
    public boolean isOpen() {
        return endpoint.isOpen();
    }

    /**
     * Leaves the loop and closes the socket; accepted connections live on. Any number of times.
     *
     * @throws IOException EIO
     */
    @Override
    public void close() throws IOException {
        endpoint.close();
        stopAccepting();
    }

    @Override
    public String toString() {
        return endpoint.describe("TcpListener");
    }

    /** Accepts until nobody is waiting, the batch is full, or a handler has ended it. */
    private void acceptWaiting(int fd, int events) throws Exception {
        for (int i = 0; i < ACCEPTS_PER_EVENT && handler != null; i++) {
            TcpChannel channel;
            try {
                channel = accept();
            } catch (PollerException e) {
                if (CONNECTION_LOST.contains(e.errno())) {
                    continue;
                }
                pause();
                if (!EXHAUSTED.contains(e.errno())) {
                    throw e;
                }
                logExhaustion(e);
                return;
            }
            if (channel == null) {
                return;
            }
            hand(channel, handler);
        }
    }

    private static void hand(TcpChannel channel, AcceptHandler handler) throws Exception {
        try {
            handler.accepted(channel);
        } catch (Exception | Error e) {
            channel.closeAfter(e);
            throw e;
        }
    }

    private void pause() throws IOException {
        endpoint.modify(UEvent.NONE);
        resumeLater();
    }

    private void resumeLater() {
        resumption = loop().callLater(PAUSE, this::resume);
    }

    private void resume() {
        try {
            endpoint.modify(UEvent.IN);
        } catch (IOException e) {
            if (!(e instanceof PollerException failure) || !EXHAUSTED.contains(failure.errno())) {
                throw new UncheckedIOException(e);
            }
            resumeLater();
            logExhaustion(failure);
        }
    }

    private void stopAccepting() {
        handler = null;
        if (resumption != null) {
            resumption.cancel();
            resumption = null;
        }
    }

    private void logExhaustion(PollerException e) {
        long now = System.nanoTime();
        if (now - nextLogNanos >= 0) {
            nextLogNanos = now + LOG_INTERVAL_NANOS;
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    this + " cannot accept and pauses, connections wait: " + e.getMessage());
        }
    }
}
