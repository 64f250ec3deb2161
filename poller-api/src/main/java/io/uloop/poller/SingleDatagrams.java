package io.uloop.poller;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Transfers a batch with one call per datagram, for systems without a call for many. Thread-safe.
 */
final class SingleDatagrams {
    private SingleDatagrams() {}

    /** Receives pending datagrams. A failure after the first one ends the batch. */
    static int receive(Descriptors io, int fd, DatagramBatch batch) throws PollerException {
        for (int slot = 0; slot < batch.capacity(); slot++) {
            int length;
            try {
                length = io.receive(fd, batch.data(slot).clear(), batch.address(slot));
            } catch (PollerException | RuntimeException e) {
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

    /** Sends slots of a batch in order. A failure after the first one ends the batch. */
    static int send(Descriptors io, int fd, DatagramBatch batch, int from, int count)
            throws PollerException {
        Objects.checkFromIndexSize(from, count, batch.capacity());
        for (int sent = 0; sent < count; sent++) {
            try {
                if (!sendSlot(io, fd, batch, from + sent)) {
                    return sent;
                }
            } catch (PollerException | RuntimeException e) {
                if (sent == 0) {
                    throw e;
                }
                return sent;
            }
        }
        return count;
    }

    /** Sends the datagrams of a slot, and advances its position past each one that was sent. */
    private static boolean sendSlot(Descriptors io, int fd, DatagramBatch batch, int slot)
            throws PollerException {
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
