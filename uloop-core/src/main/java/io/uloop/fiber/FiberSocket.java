package io.uloop.fiber;

import io.uloop.descriptor.SelfConnect;
import io.uloop.net.StreamChannel;
import io.uloop.net.TcpChannel;
import io.uloop.net.UnixChannel;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.time.Duration;

/**
 * A TCP or unix-domain connection whose operations wait.
 *
 * <pre>{@code
 * try (FiberSocket socket = FiberSocket.connect(fibers, address)) {
 *     socket.write(request);
 *     socket.readFully(answer.clear());
 * }
 * }</pre>
 *
 * <p>Thread-safe, see {@link FiberStream}.
 *
 * @since 0.1
 */
public final class FiberSocket extends DescriptorStream {
    private static final Duration BACKLOG_PAUSE = Duration.ofMillis(10);

    private final StreamChannel channel;

    private FiberSocket(Scheduler scheduler, TcpChannel channel, int ready) {
        super(scheduler, channel, StreamChannel.interestOn(scheduler.loop()), ready, true);
        this.channel = channel;
    }

    private FiberSocket(Scheduler scheduler, StreamChannel channel, int ready) {
        super(scheduler, channel, StreamChannel.interestOn(scheduler.loop()), ready, false);
        this.channel = channel;
    }

    /** Returns the socket of a channel that is connected. */
    static FiberSocket connected(Scheduler scheduler, StreamChannel channel) {
        return of(scheduler, channel, Readiness.READ | Readiness.WRITE);
    }

    private static FiberSocket of(Scheduler scheduler, StreamChannel channel, int ready) {
        return channel instanceof TcpChannel tcp
                ? new FiberSocket(scheduler, tcp, ready)
                : new FiberSocket(scheduler, channel, ready);
    }

    /**
     * Connects to an address and waits until that has succeeded or failed. Limit the time by {@link
     * Fibers#callWithin}. A TCP socket can connect to itself if nothing listens on a port of the
     * ephemeral range; this counts as refused.
     *
     * @param fibers whose loop serves the socket
     * @param remote an {@link InetSocketAddress}, {@link java.net.UnixDomainSocketAddress} or
     *     {@link io.uloop.poller.UnixAddress}
     * @return the connected socket
     * @throws java.nio.channels.UnsupportedAddressTypeException if the address is of another type
     * @throws java.nio.channels.UnresolvedAddressException if the address is not resolved
     * @throws java.io.InterruptedIOException if the thread is interrupted; nothing stays open
     * @throws IOException ECONNREFUSED, ETIMEDOUT, ENETUNREACH, EMFILE, ENOENT
     */
    public static FiberSocket connect(Fibers fibers, SocketAddress remote) throws IOException {
        Scheduler scheduler = fibers.scheduler();
        scheduler.requireMayWait();
        FiberSocket socket = of(scheduler, start(scheduler, remote), 0);
        try {
            while (!socket.finishConnect()) {
                socket.await(Readiness.WRITE, "connect");
            }
            return socket;
        } catch (IOException | RuntimeException | Error e) {
            try {
                socket.close();
            } catch (IOException closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    /** Starts to connect, as soon as the backlog of a unix-domain listener has room. */
    private static StreamChannel start(Scheduler scheduler, SocketAddress remote)
            throws IOException {
        if (remote instanceof InetSocketAddress) {
            return TcpChannel.connect(scheduler.loop(), remote);
        }
        for (; ; ) {
            try {
                return UnixChannel.connect(scheduler.loop(), remote);
            } catch (PollerException e) {
                if (e.errno() != Errno.EAGAIN) {
                    throw e;
                }
            }
            scheduler.pause(BACKLOG_PAUSE, "connect to " + remote);
        }
    }

    private boolean finishConnect() throws IOException {
        int seen = readiness().known();
        enter();
        try {
            if (channel.finishConnect()) {
                if (channel instanceof TcpChannel) {
                    SelfConnect.refuse(
                            channel.fd(), channel.getLocalAddress(), channel.getRemoteAddress());
                }
                readiness().signal(Readiness.READ | Readiness.WRITE);
                return true;
            }
        } finally {
            exit();
        }
        readiness().drained(seen, Readiness.WRITE);
        return false;
    }

    /**
     * {@return the channel of this socket, for its options and addresses} Do not register, read,
     * write or close it.
     */
    public StreamChannel channel() {
        return channel;
    }

    /** Sends what is written at once, even if the peer has not acknowledged what came before. */
    void sendAtOnce() throws IOException {
        if (channel instanceof TcpChannel tcp) {
            enter();
            try {
                tcp.setOption(StandardSocketOptions.TCP_NODELAY, true);
            } finally {
                exit();
            }
        }
    }

    /**
     * Ends the incoming direction. From then on, every read returns -1.
     *
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ENOTCONN
     */
    public void shutdownInput() throws IOException {
        enter();
        try {
            channel.shutdownInput();
        } finally {
            exit();
        }
        readiness().signal(Readiness.READ);
    }

    /**
     * Half-closes the connection: the peer reads the end of the stream.
     *
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ENOTCONN
     */
    public void shutdownOutput() throws IOException {
        enter();
        try {
            channel.shutdownOutput();
        } finally {
            exit();
        }
    }
}
