package io.uloop.poller.spi;

import io.uloop.poller.DatagramBatch;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Moves the slots of a batch by one call for each datagram, where the system has no call for many.
 * Any thread.
 */
public final class SingleDatagrams {
    private SingleDatagrams() {}

    /**
     * Receives what is waiting, as {@link Descriptors#receive(int, DatagramBatch)}.
     *
     * @param io makes the calls
     * @param fd a datagram socket
     * @param batch gets the datagrams
     * @return how many it got; 0 if none is waiting
     * @throws IOException if the first call fails; a later failure ends the batch and is the next
     *     call's to tell, if it lasts
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
     * Sends slots, as {@link Descriptors#send(int, DatagramBatch, int, int)}.
     *
     * @param io makes the calls
     * @param fd a datagram socket
     * @param batch holds the datagrams
     * @param from the first slot
     * @param count how many
     * @return how many were sent whole
     * @throws IOException if the first slot fails; a later failure ends the batch and is the next
     *     call's to tell, if it lasts
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

    /** Sends the datagrams of a slot; those that were sent are behind its position. */
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
