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
                length = receive(io, fd, batch.data(slot).clear(), batch.info(slot));
            } catch (PollerException | RuntimeException e) {
                if (slot == 0) {
                    throw e;
                }
                return slot;
            }
            if (length == Descriptors.NONE) {
                return slot;
            }
            batch.setReceived(slot, length, 0);
        }
        return batch.capacity();
    }

    private static int receive(Descriptors io, int fd, ByteBuffer data, DatagramInfo info)
            throws PollerException {
        if (io instanceof NativeDescriptors all) {
            return all.receive(fd, data, info);
        }
        info.clear();
        return io.receive(fd, data, info.peer());
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
                if (send(io, fd, data, batch.info(slot)) == 0 && !empty) {
                    return false;
                }
            } finally {
                data.limit(end);
            }
        } while (data.hasRemaining());
        return true;
    }

    private static int send(Descriptors io, int fd, ByteBuffer data, DatagramInfo info)
            throws PollerException {
        if (info.local().family() == null && info.outgoingInterface() == 0) {
            return io.send(fd, data, info.peer());
        }
        if (io instanceof NativeDescriptors all) {
            return all.send(fd, data, info);
        }
        throw new UnsupportedOperationException(
                "NIO cannot choose the local address of a datagram; use a native backend");
    }
}
