package io.uloop.poller.spi;

import io.uloop.poller.DatagramBatch;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Transfers a batch with one call per datagram, for systems without a call for many. Thread-safe.
 */
public final class SingleDatagrams {
    private SingleDatagrams() {}

    /**
     * Receives pending datagrams, as {@link Descriptors#receive(int, DatagramBatch)}.
     *
     * @param io the descriptors that make the calls
     * @param fd a datagram socket
     * @param batch receives the datagrams
     * @return the number of slots filled; 0 if no datagram is pending
     * @throws IOException if the first call fails. A later failure ends the batch, and the next
     *     call reports it if it persists
     */
    public static int receive(Descriptors io, int fd, DatagramBatch batch) throws IOException {
        for (int slot = 0; slot < batch.capacity(); slot++) {
            int length;
            try {
                length = io.receive(fd, batch.data(slot).clear(), batch.address(slot));
            } catch (IOException | RuntimeException e) {
                if (slot == 0) {
                    throw e;
                }
                return slot;
            }
            if (length == Descriptors.NONE) {
                return slot;
            }
            batch.setReceived(slot, length, 0, false);
        }
        return batch.capacity();
    }

    /**
     * Sends slots of a batch, as {@link Descriptors#send(int, DatagramBatch, int, int)}.
     *
     * @param io the descriptors that make the calls
     * @param fd a datagram socket
     * @param batch the datagrams to send
     * @param from the index of the first slot
     * @param count the number of slots
     * @return the number of slots sent completely
     * @throws IOException if the first slot fails. A later failure ends the batch, and the next
     *     call reports it if it persists
     */
    public static int send(Descriptors io, int fd, DatagramBatch batch, int from, int count)
            throws IOException {
        Objects.checkFromIndexSize(from, count, batch.capacity());
        for (int sent = 0; sent < count; sent++) {
            try {
                if (!sendRow(io, fd, batch, from + sent)) {
                    return sent;
                }
            } catch (IOException | RuntimeException e) {
                if (sent == 0) {
                    throw e;
                }
                return sent;
            }
        }
        return count;
    }

    /** Sends the datagrams of a slot, and advances its position past each one that was sent. */
    private static boolean sendRow(Descriptors io, int fd, DatagramBatch batch, int slot)
            throws IOException {
        ByteBuffer data = batch.data(slot);
        int segment = batch.segmentBytes(slot) == 0 ? data.remaining() : batch.segmentBytes(slot);
        int end = data.limit();
        do {
            data.limit(Math.min(end, data.position() + segment));
            boolean empty = !data.hasRemaining();
            try {
                if (io.send(fd, data, batch.address(slot)) == 0 && !empty) {
                    return false;
                }
            } finally {
                data.limit(end);
            }
        } while (data.hasRemaining());
        return true;
    }
}
