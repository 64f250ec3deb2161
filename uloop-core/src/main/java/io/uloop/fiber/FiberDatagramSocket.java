package io.uloop.fiber;

import io.uloop.net.UdpChannel;
import io.uloop.poller.DatagramAddress;
import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket whose operations wait.
 *
 * <p>Thread-safe. A receive and a send may take place at the same time.
 *
 * @since 0.1
 */
public final class FiberDatagramSocket extends FiberChannel {
    private final UdpChannel channel;
    private final OperationLock receiving = new OperationLock();
    private final OperationLock sending = new OperationLock();

    private FiberDatagramSocket(Scheduler scheduler, UdpChannel channel) {
        super(
                scheduler,
                channel,
                scheduler.interest(UEvent.IN | UEvent.OUT),
                Readiness.READ | Readiness.WRITE);
        this.channel = channel;
    }

    /**
     * Opens a socket and binds it.
     *
     * @param fibers whose loop serves the socket
     * @param local an {@link java.net.InetSocketAddress}; port 0 for any port
     * @return the socket
     * @throws java.nio.channels.UnsupportedAddressTypeException if the address is of another type
     * @throws java.nio.channels.UnresolvedAddressException if the address is not resolved
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE, ENFILE
     */
    public static FiberDatagramSocket open(Fibers fibers, SocketAddress local) throws IOException {
        Scheduler scheduler = fibers.scheduler();
        return new FiberDatagramSocket(scheduler, UdpChannel.open(scheduler.loop(), local));
    }

    /**
     * Returns a socket that uses a channel.
     *
     * @param fibers fibers on the loop of the channel
     * @param channel not registered; owned by the result from now on
     * @return the socket
     * @throws IllegalArgumentException if the channel belongs to another loop
     */
    public static FiberDatagramSocket of(Fibers fibers, UdpChannel channel) {
        return new FiberDatagramSocket(fibers.scheduler().requireOwn(channel), channel);
    }

    /**
     * Receives one datagram. Waits until one comes. Bytes that do not fit in the buffer are lost.
     *
     * @param target gets the bytes
     * @return the sender
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws java.io.InterruptedIOException if the thread is interrupted
     * @throws IOException ECONNREFUSED if the socket is connected and an earlier datagram was
     *     refused
     */
    public SocketAddress receive(ByteBuffer target) throws IOException {
        DatagramAddress sender = new DatagramAddress();
        int unused = receive(target, sender);
        SocketAddress address = sender.toSocketAddress();
        if (address == null) {
            throw new IllegalStateException("the datagram on " + this + " has no sender");
        }
        return address;
    }

    /**
     * Receives one datagram, like {@link #receive(ByteBuffer)}.
     *
     * @param target gets the bytes
     * @param sender is set to the sender
     * @return bytes received, 0 for an empty datagram
     * @throws IOException as {@link #receive(ByteBuffer)}
     */
    public int receive(ByteBuffer target, DatagramAddress sender) throws IOException {
        lock(receiving, "receive");
        try {
            for (; ; ) {
                int seen = readiness().known();
                if (Readiness.isReady(seen, Readiness.READ)) {
                    int count = receiveNow(target, sender);
                    if (count != Descriptors.NONE) {
                        return count;
                    }
                    readiness().drained(seen, Readiness.READ);
                } else {
                    await(Readiness.READ, "receive");
                }
            }
        } finally {
            receiving.unlock();
        }
    }

    /**
     * Sends the remaining bytes of a buffer as one datagram. Waits until the socket has room.
     *
     * @param source holds the bytes; consumed entirely or not at all
     * @param target an {@link java.net.InetSocketAddress}
     * @throws java.nio.channels.UnsupportedAddressTypeException if the address is of another type
     * @throws java.nio.channels.UnresolvedAddressException if the address is not resolved
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws java.io.InterruptedIOException if the thread is interrupted
     * @throws IOException EMSGSIZE, ECONNREFUSED, ENETUNREACH
     */
    public void send(ByteBuffer source, SocketAddress target) throws IOException {
        lock(sending, "send");
        try {
            boolean sent = false;
            while (!sent) {
                int seen = readiness().known();
                if (!Readiness.isReady(seen, Readiness.WRITE)) {
                    await(Readiness.WRITE, "send");
                } else if (sendNow(source, target) == 0 && source.hasRemaining()) {
                    readiness().drained(seen, Readiness.WRITE);
                } else {
                    sent = true;
                }
            }
        } finally {
            sending.unlock();
        }
    }

    private int receiveNow(ByteBuffer target, DatagramAddress sender) throws IOException {
        enter();
        try {
            return channel.receive(target, sender);
        } finally {
            exit();
        }
    }

    private int sendNow(ByteBuffer source, SocketAddress target) throws IOException {
        enter();
        try {
            return channel.send(source, target);
        } finally {
            exit();
        }
    }

    /**
     * {@return the channel of this socket, for its options and addresses} Do not register, use or
     * close it.
     */
    public UdpChannel channel() {
        return channel;
    }

    /**
     * {@return the local address}
     *
     * @throws IOException {@link java.nio.channels.ClosedChannelException} if this is closed
     */
    public @Nullable SocketAddress getLocalAddress() throws IOException {
        enter();
        try {
            return channel.getLocalAddress();
        } finally {
            exit();
        }
    }
}
