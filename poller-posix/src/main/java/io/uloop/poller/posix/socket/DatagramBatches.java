package io.uloop.poller.posix.socket;

import io.uloop.poller.DatagramBatch;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.file.Transfers;
import io.uloop.poller.posix.memory.BufferAddresses;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.spi.ActivityCounts;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Sends and receives batches of datagrams with one system call on Linux. Allocates nothing. Where a
 * seccomp filter rejects recvmmsg(2) or sendmmsg(2), recvmsg(2) and sendmsg(2) move the same
 * headers one by one.
 */
public final class DatagramBatches {
    private static final int EMSGSIZE = Posix.number(Errno.EMSGSIZE);

    private final Sender singly;
    private final Libc.Calls libc;
    private final Linux.Calls linux;
    private final ActivityCounts activity;
    private final MessageLayout layout = MessageLayout.NATIVE;
    private final DatagramAddresses addresses = new DatagramAddresses(SocketAddresses.NATIVE);
    private final DatagramControl controls;

    private volatile boolean hasRecvmmsg = true;
    private volatile boolean hasSendmmsg = true;

    /** Sends slots as {@link io.uloop.poller.Descriptors#send(int, DatagramBatch, int, int)}. */
    @FunctionalInterface
    public interface Sender {
        int send(int fd, DatagramBatch batch, int from, int count) throws PollerException;
    }

    /**
     * @param singly sends the segments one by one where the kernel does not segment
     */
    public DatagramBatches(
            Sender singly, Libc.Calls libc, Linux.Calls linux, ActivityCounts activity) {
        this.singly = singly;
        this.libc = libc;
        this.linux = linux;
        this.activity = activity;
        controls = new DatagramControl(libc);
    }

    public int receive(int fd, DatagramBatch batch) throws PollerException {
        Posix.requireDescriptor("recvmmsg", fd);
        int capacity = batch.capacity();
        MessageHeaders headers = MessageHeaders.mine(capacity);
        long bytes = BufferAddresses.of(batch.data(0));
        headers.readyToReceive(bytes, batch.slotBytes(), capacity);
        try {
            headers.use(1); // even a failed call may have written to it
            int received = receive(fd, headers, capacity);
            headers.use(received);
            for (int i = 0; i < received; i++) {
                take(headers, i, batch);
            }
            return received;
        } finally {
            Memory.keep(batch);
        }
    }

    private int receive(int fd, MessageHeaders headers, int capacity) throws PollerException {
        for (; ; ) {
            int received = recvmmsg(fd, headers, capacity);
            if (received >= 0) {
                activity.increment(fd);
                return received;
            }
            if (Transfers.wouldBlock("recvmmsg", fd)) {
                return 0;
            }
        }
    }

    private int recvmmsg(int fd, MessageHeaders headers, int capacity) {
        if (hasRecvmmsg) {
            int received = linux.recvmmsg(fd, headers.address(), capacity, 0, 0);
            if (received >= 0 || !Posix.isRefusedByKernel(Posix.errno())) {
                return received;
            }
            hasRecvmmsg = false;
        }
        for (int i = 0; i < capacity; i++) {
            headers.use(i + 1);
            long moved = libc.recvmsg(fd, headers.address() + headers.header(i), 0);
            if (moved < 0) {
                return i == 0 ? -1 : i;
            }
            headers.setLength(i, (int) moved);
        }
        return capacity;
    }

    private void take(MessageHeaders headers, int i, DatagramBatch batch) {
        ByteBuffer block = headers.block();
        int header = headers.header(i);
        int nameLength = layout.nameLength(block, header);
        addresses.get(block, headers.name(i), nameLength, batch.address(i));
        int segment = controls.get(block, header, headers.control(i), batch.info(i));
        int length = headers.length(i);
        batch.setReceived(i, length, segment > 0 && length > segment ? segment : 0);
    }

    public int send(int fd, DatagramBatch batch, int from, int count) throws PollerException {
        Posix.requireDescriptor("sendmmsg", fd);
        Objects.checkFromIndexSize(from, count, batch.capacity());
        boolean rows = hasRows(batch, from, count);
        if (count == 0 || (rows && !partsRows(fd))) {
            return singly.send(fd, batch, from, count);
        }
        MessageHeaders headers = MessageHeaders.mine(count);
        headers.use(count);
        long bytes = BufferAddresses.of(batch.data(0));
        int ready = put(headers, batch, from, count, bytes, fd);
        try {
            int sent = send(fd, headers, batch, from, ready);
            for (int i = 0; i < sent; i++) {
                ByteBuffer data = batch.data(from + i);
                data.position(data.limit());
            }
            return sent;
        } finally {
            Memory.keep(batch);
        }
    }

    /**
     * Describes slots up to the first whose address the socket cannot express.
     *
     * @return the number of slots described, 1 or more
     * @throws PollerException if the first slot has such an address
     */
    private int put(
            MessageHeaders headers, DatagramBatch batch, int from, int count, long bytes, int fd)
            throws PollerException {
        for (int i = 0; i < count; i++) {
            try {
                put(headers, i, batch, from + i, bytes, fd);
            } catch (PollerException e) {
                if (i == 0) {
                    throw e;
                }
                return i;
            }
        }
        return count;
    }

    private void put(
            MessageHeaders headers, int i, DatagramBatch batch, int slot, long bytes, int fd)
            throws PollerException {
        ByteBuffer block = headers.block();
        int header = headers.header(i);
        ByteBuffer data = batch.data(slot);
        int position = data.position();
        int length = Math.max(0, data.limit() - position);
        headers.setBytes(i, bytes + (long) slot * batch.slotBytes() + position, length);
        int family = DatagramControl.familyOf(batch.info(slot)); // Linux maps it itself
        int name = headers.name(i);
        layout.setNameLength(
                block,
                header,
                addresses.put(block, name, family, batch.address(slot), "sendmmsg", fd));
        int control = headers.control(i);
        int controlLength = controls.put(block, control, family, batch.info(slot), "sendmmsg", fd);
        int segment = batch.segmentBytes(slot);
        if (segment > 0 && length > segment) {
            control += controlLength;
            layout.putControl(block, control, Linux.SOL_UDP, Linux.UDP_SEGMENT, Short.BYTES);
            block.putShort(layout.controlData(control), (short) segment);
            controlLength += layout.controlSpace(Short.BYTES);
        }
        layout.setControlLength(block, header, controlLength);
    }

    private int send(int fd, MessageHeaders headers, DatagramBatch batch, int from, int count)
            throws PollerException {
        for (; ; ) {
            int sent = sendmmsg(fd, headers, count);
            if (sent >= 0) {
                activity.increment(fd);
                return sent;
            }
            int errno = Posix.errno();
            if (errno == Posix.EAGAIN) {
                return 0;
            }
            if (hasRows(batch, from, 1) && isRowRefused(errno)) {
                return singly.send(fd, batch, from, 1);
            }
            if (errno != Posix.EINTR) {
                throw Posix.failure("sendmmsg", batch.address(from).toString(), fd, errno);
            }
        }
    }

    private int sendmmsg(int fd, MessageHeaders headers, int count) {
        if (!hasSendmmsg) {
            return sendOneByOne(fd, headers, count);
        }
        int sent = linux.sendmmsg(fd, headers.address(), count, 0);
        if (sent >= 0 || !Posix.isRefusedByKernel(Posix.errno())) {
            return sent;
        }
        boolean lacking = Posix.errno() == Posix.ENOSYS;
        sent = sendOneByOne(fd, headers, count);
        hasSendmmsg = !lacking && sent < 0; // EPERM came from a firewall unless this succeeds
        return sent;
    }

    private int sendOneByOne(int fd, MessageHeaders headers, int count) {
        for (int i = 0; i < count; i++) {
            if (libc.sendmsg(fd, headers.address() + headers.header(i), 0) < 0) {
                return i == 0 ? -1 : i;
            }
        }
        return count;
    }

    /** The datagram or its number of segments may be too large, or the interface cannot segment. */
    private static boolean isRowRefused(int errno) {
        return errno == Posix.EINVAL || errno == Posix.EIO || errno == EMSGSIZE;
    }

    private static boolean hasRows(DatagramBatch batch, int from, int count) {
        for (int slot = from; slot < from + count; slot++) {
            int segment = batch.segmentBytes(slot);
            if (segment > 0 && batch.data(slot).remaining() > segment) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns whether the kernel segments this socket's datagrams. Only UDP has the option; other
     * sockets silently ignore it.
     */
    private boolean partsRows(int fd) {
        Scratch scratch = Scratch.mine();
        scratch.block().putInt(Scratch.LENGTH, Integer.BYTES);
        long value = scratch.address(Scratch.VALUE);
        long length = scratch.address(Scratch.LENGTH);
        return libc.getsockopt(fd, Linux.SOL_UDP, Linux.UDP_SEGMENT, value, length) == 0;
    }
}
