package io.uloop.net;

import io.uloop.EventHandler;
import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramBatch;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the datagrams that a socket would block on, and sends them in order when it is writable. A
 * full queue refuses datagrams, and tells its handler when it has room again. Sending allocates
 * nothing.
 *
 * <pre>{@code
 * DatagramQueue queue = new DatagramQueue(channel, 256, 1500, handler);
 * queue.register(UEvent.IN, (fd, events) -> answer(channel.receive(buffer.clear())));
 * if (!queue.send(bytes, target)) {
 *     source.pause(); // until DatagramQueueHandler.writable
 * }
 * }</pre>
 *
 * <p>A socket blocks when its send buffer (SO_SNDBUF) is full of datagrams that the network
 * interface has not taken. A queue does not prevent losses behind that. A unix-domain socket needs
 * a peer, because only then is it unwritable while the receiver's queue is full.
 *
 * <p>Not thread-safe: call from the loop's thread.
 *
 * @since 0.1
 */
public final class DatagramQueue {
    private final DatagramSocketChannel channel;
    private final DatagramBatch batch;
    private final DatagramQueueHandler handler;
    private int interest;

    /** The first queued slot. The queue wraps at the end of the batch. */
    private int head;

    private int size;
    private boolean refused;

    /** The first failure of the datagram at the head. It may concern an earlier one. */
    private @Nullable PollerException failure;

    /**
     * Creates an empty queue.
     *
     * @param channel the socket, which is not registered
     * @param capacity the maximum number of queued datagrams, 1 to {@link
     *     DatagramBatch#MAX_CAPACITY}
     * @param maxBytes the maximum length of a datagram in bytes, 1 or more; the queue takes {@code
     *     capacity * maxBytes} bytes of memory
     * @param handler handles room and failures
     * @throws IllegalArgumentException if the capacity or the length is out of range
     */
    public DatagramQueue(
            DatagramSocketChannel channel,
            int capacity,
            int maxBytes,
            DatagramQueueHandler handler) {
        this.channel = Objects.requireNonNull(channel, "channel");
        this.handler = Objects.requireNonNull(handler, "handler");
        batch = new DatagramBatch(capacity, maxBytes);
    }

    /** {@return the socket} */
    public DatagramSocketChannel channel() {
        return channel;
    }

    /**
     * Registers the channel with its loop. From then on, change the interest with {@link #modify}
     * only.
     *
     * @param newInterest as for {@link LoopChannel#register}, without EDGE and ONESHOT; the queue
     *     adds OUT while it is not empty
     * @param events handles the events; called for OUT only if the interest has it
     * @throws IllegalArgumentException if the interest has a mode
     * @throws java.nio.channels.ClosedChannelException if the channel is closed
     * @throws IOException EEXIST if already registered; ENOMEM, ENOSPC
     */
    public void register(int newInterest, EventHandler events) throws IOException {
        Objects.requireNonNull(events, "events");
        requireNoMode(newInterest);
        int mask = size > 0 ? UEvent.OUT : UEvent.NONE;
        channel.register(newInterest | mask, (fd, ready) -> handle(fd, ready, events));
        interest = newInterest;
    }

    /**
     * Replaces the interest.
     *
     * @param newInterest as for {@link #register}
     * @throws IllegalArgumentException if the interest has a mode
     * @throws java.nio.channels.ClosedChannelException if the channel is closed
     * @throws IOException ENOENT if not registered; ENOMEM, ENOSPC
     */
    public void modify(int newInterest) throws IOException {
        requireNoMode(newInterest);
        channel.modify(size > 0 ? newInterest | UEvent.OUT : newInterest);
        interest = newInterest;
    }

    private static void requireNoMode(int interest) {
        if ((interest & UEvent.MODES) != 0) {
            throw new IllegalArgumentException(
                    "a datagram queue is level-triggered; register without EDGE and ONESHOT");
        }
    }

    /**
     * Sends the remaining bytes of a buffer as one datagram, or queues them. Register the channel
     * first.
     *
     * @param source holds the bytes, which are copied if they are queued; consumed entirely or not
     *     at all
     * @param target the receiver; if it is unset, the peer of a connected socket
     * @return false if the queue is full; {@link DatagramQueueHandler#writable} follows
     * @throws IllegalArgumentException if there are more bytes than the queue's maximum
     * @throws java.nio.channels.ClosedChannelException if the channel is closed
     * @throws IOException as {@link DatagramSocketChannel#send(ByteBuffer, DatagramAddress)}, if
     *     nothing was queued
     */
    public boolean send(ByteBuffer source, DatagramAddress target) throws IOException {
        Objects.requireNonNull(target, "target");
        int length = source.remaining();
        if (length > batch.slotBytes()) {
            throw new IllegalArgumentException(
                    "a datagram of "
                            + length
                            + " bytes does not fit into a queue for "
                            + batch.slotBytes());
        }
        if (size == 0 && length > 0 && channel.send(source, target) > 0) {
            return true;
        }
        channel.openFd();
        if (size == batch.capacity()) {
            refused = true;
            return false;
        }
        if (size == 0) {
            channel.modify(interest | UEvent.OUT);
        }
        int slot = (head + size) % batch.capacity();
        batch.data(slot).clear().put(source).flip();
        batch.address(slot).set(target);
        size++;
        return true;
    }

    /** {@return the number of queued datagrams} */
    public int size() {
        return size;
    }

    private void handle(int fd, int events, EventHandler user) throws Exception {
        if ((events & UEvent.OUT) != 0 && size > 0) {
            try {
                flush();
            } finally { // a failed callback does not keep the program waiting for room
                reportRoom();
            }
        }
        int rest = (interest & UEvent.OUT) != 0 ? events : events & ~UEvent.OUT;
        if (rest != UEvent.NONE && channel.isOpen()) {
            user.processEvent(fd, rest);
        }
    }

    /** Sends what the socket takes. */
    private void flush() throws Exception {
        while (size > 0) {
            int run = Math.min(size, batch.capacity() - head);
            int sent;
            try {
                sent = channel.send(batch, head, run);
            } catch (PollerException e) {
                if (failure == null) {
                    failure = e; // may concern an earlier datagram; the same error again does not
                    continue;
                }
                remove(1);
                if (!report(failure.errno() == e.errno() ? null : failure, e)) {
                    return;
                }
                continue;
            }
            remove(sent);
            if (sent > 0 && failure != null && !report(failure, null)) {
                return;
            }
            if (sent == 0) {
                break;
            }
        }
    }

    private void reportRoom() throws Exception {
        if (refused && size <= batch.capacity() / 2 && channel.isOpen()) {
            refused = false;
            handler.writable(this);
        }
    }

    /** Removes datagrams from the head. An empty queue does not wait for OUT. */
    private void remove(int count) throws IOException {
        head = (head + count) % batch.capacity();
        size -= count;
        if (size == 0) {
            channel.modify(interest);
        }
    }

    /** Reports failures. Returns whether the channel is still open. */
    private boolean report(@Nullable PollerException earlier, @Nullable PollerException dropped)
            throws Exception {
        failure = null;
        if (earlier != null) {
            handler.failed(this, earlier);
        }
        if (dropped != null) {
            handler.failed(this, dropped);
        }
        return channel.isOpen();
    }

    @Override
    public String toString() {
        return "DatagramQueue[" + channel + ", queued=" + size + ']';
    }
}
