package io.uloop.poller.posix.socket;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Constant;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.file.Opener;
import io.uloop.poller.posix.file.Transfers;
import io.uloop.poller.posix.memory.BufferAddresses;
import io.uloop.poller.posix.memory.BufferChecks;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.posix.memory.Staging;
import io.uloop.poller.spi.ActivityCounts;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Passes file descriptors with bytes over unix-domain sockets: SCM_RIGHTS of unix(7). The header
 * and its iovec are in the scratch block, the control data and the copied bytes in its staging
 * area.
 */
public final class DescriptorPassing {
    private static final int SOL_SOCKET = Constant.SOL_SOCKET.value();
    private static final int SCM_RIGHTS = Constant.SCM_RIGHTS.value();
    private static final int MSG_CTRUNC = Constant.MSG_CTRUNC.value();
    private static final int HEADER = Scratch.VALUE;
    private static final int VECTOR = HEADER + 64;

    /** The maximum per call: SCM_MAX_FD on Linux. Other systems allow fewer or more. */
    private static final int MAX_DESCRIPTORS = 253;

    /** No kernel moves more at once. */
    private static final int MAX_COPIED_BYTES = 1 << 30;

    private final Libc.Calls libc;
    private final Opener opener;
    private final Sockets sockets;
    private final Transfers transfers;
    private final ActivityCounts activity;
    private final int receiveFlags;
    private final MessageLayout layout = MessageLayout.NATIVE;

    /**
     * @param atomic whether received descriptors can be close-on-exec from the start
     */
    public DescriptorPassing(
            Libc.Calls libc,
            Opener opener,
            Sockets sockets,
            Transfers transfers,
            ActivityCounts activity,
            boolean atomic) {
        this.libc = libc;
        this.opener = opener;
        this.sockets = sockets;
        this.transfers = transfers;
        this.activity = activity;
        receiveFlags = atomic ? Linux.MSG_CMSG_CLOEXEC : 0;
    }

    public int send(int fd, ByteBuffer source, int[] descriptors) throws PollerException {
        Posix.requireDescriptor("sendmsg", fd);
        requireBytes(source.remaining());
        requireCount(descriptors.length);
        if (sockets.family(fd, "sendmsg") != SocketAddresses.AF_UNIX) { // TCP drops them
            throw new PollerException(
                    "sendmsg",
                    "SCM_RIGHTS",
                    fd,
                    Errno.EOPNOTSUPP,
                    "only unix-domain sockets pass descriptors; use a unix-domain socket");
        }
        int position = source.position();
        int count = source.limit() - position;
        requireBytes(count);
        int dataBytes = descriptors.length * Integer.BYTES;
        int space = layout.controlSpace(dataBytes);
        long address = BufferAddresses.of(source);
        Scratch scratch = Scratch.mine();
        Staging staging = scratch.staging(stagingBytes(space, address, count));
        try {
            ByteBuffer control = staging.bytes();
            layout.putControl(control, 0, SOL_SOCKET, SCM_RIGHTS, dataBytes);
            for (int i = 0; i < descriptors.length; i++) {
                control.putInt(layout.controlData(0) + i * Integer.BYTES, descriptors[i]);
            }
            if (address == BufferAddresses.NONE) {
                int copied = Math.min(count, MAX_COPIED_BYTES);
                staging.bytes().put(space, source, position, copied);
                prepare(scratch, staging.address() + space, copied, staging, space);
            } else {
                prepare(scratch, address + position, count, staging, space);
            }
            int moved = send(fd, scratch, descriptors);
            source.position(position + moved);
            return moved;
        } finally {
            staging.release();
            Memory.keep(source);
        }
    }

    private int send(int fd, Scratch scratch, int[] descriptors) throws PollerException {
        for (; ; ) {
            long moved = libc.sendmsg(fd, scratch.address(HEADER), 0);
            if (moved >= 0) {
                activity.increment(fd);
                return (int) moved;
            }
            int errno = Posix.errno();
            if (errno == Posix.EAGAIN) {
                return 0;
            }
            if (errno != Posix.EINTR) {
                String detail = "SCM_RIGHTS " + Arrays.toString(descriptors);
                throw Posix.failure("sendmsg", detail, fd, errno);
            }
        }
    }

    public int receive(int fd, ByteBuffer target, int[] descriptors) throws PollerException {
        Posix.requireDescriptor("recvmsg", fd);
        BufferChecks.requireWritable(target);
        int position = target.position();
        int count = target.limit() - position;
        requireBytes(count);
        requireCount(descriptors.length);
        Arrays.fill(descriptors, Descriptors.NONE);
        int dataBytes = descriptors.length * Integer.BYTES;
        int space = layout.controlSpace(dataBytes);
        long address = BufferAddresses.of(target);
        boolean copied = address == BufferAddresses.NONE;
        if (copied) {
            BufferChecks.requireAccess(target);
        }
        Scratch scratch = Scratch.mine();
        Staging staging = scratch.staging(stagingBytes(space, address, count));
        try {
            // Exactly this length: the kernel would fit another descriptor into the alignment
            // padding.
            long start = copied ? staging.address() + space : address + position;
            int room = copied ? Math.min(count, MAX_COPIED_BYTES) : count;
            prepare(scratch, start, room, staging, layout.controlData(dataBytes));
            int moved = receive(fd, scratch);
            try {
                if (moved > 0) {
                    if (copied) {
                        target.put(position, staging.bytes(), space, moved);
                    }
                    target.position(position + moved);
                }
            } catch (RuntimeException e) { // the arena was closed or the limit moved
                closeAll(scratch, staging.bytes());
                throw e;
            }
            take(fd, scratch, staging.bytes(), descriptors); // even from an empty datagram
            return moved;
        } finally {
            staging.release();
            Memory.keep(target);
        }
    }

    private int receive(int fd, Scratch scratch) throws PollerException {
        int control = layout.controlLength(scratch.block(), HEADER);
        for (; ; ) {
            layout.setControlLength(scratch.block(), HEADER, control);
            long moved = libc.recvmsg(fd, scratch.address(HEADER), receiveFlags);
            if (moved >= 0) {
                return (int) transfers.noteRead(fd, moved);
            }
            if (Transfers.wouldBlock("recvmsg", fd)) {
                layout.setControlLength(scratch.block(), HEADER, 0); // the kernel did not set it
                return 0;
            }
        }
    }

    private void prepare(Scratch scratch, long start, int count, Staging staging, int control) {
        ByteBuffer block = scratch.block();
        block.putLong(VECTOR, start);
        block.putLong(VECTOR + Long.BYTES, count);
        layout.putHeader(block, HEADER, 0, scratch.address(VECTOR), 1, staging.address());
        layout.setControlLength(block, HEADER, control);
    }

    /** Takes the received descriptors, or closes them all if some were lost. */
    private void take(int fd, Scratch scratch, ByteBuffer staging, int[] descriptors)
            throws PollerException {
        try {
            if ((layout.flags(scratch.block(), HEADER) & MSG_CTRUNC) != 0) {
                throw new PollerException(
                        "recvmsg",
                        "SCM_RIGHTS",
                        fd,
                        Errno.EMSGSIZE,
                        "received more descriptors than the "
                                + descriptors.length
                                + " that fit or than this process may open,"
                                + " and closed all; pass a longer array or raise ulimit -n");
            }
            for (int i = 0; ; i++) {
                int received = received(scratch, staging, i);
                if (received == Descriptors.NONE) {
                    return;
                }
                if (receiveFlags == 0) {
                    opener.closeOnExec(received);
                }
                descriptors[i] = received;
            }
        } catch (PollerException e) {
            closeAll(scratch, staging);
            Arrays.fill(descriptors, Descriptors.NONE);
            throw e;
        }
    }

    private void closeAll(Scratch scratch, ByteBuffer staging) {
        int received = received(scratch, staging, 0);
        for (int i = 1; received != Descriptors.NONE; i++) {
            libc.close(received);
            received = received(scratch, staging, i);
        }
    }

    /** {@return the descriptor received at an index, or NONE after the last one} */
    private int received(Scratch scratch, ByteBuffer staging, int index) {
        int end = layout.controlLength(scratch.block(), HEADER);
        int before = 0;
        for (int at = 0; at + layout.controlData(0) <= end; ) {
            int bytes = Math.min(layout.controlBytes(staging, at), end - layout.controlData(at));
            if (layout.isControl(staging, at, SOL_SOCKET, SCM_RIGHTS)) {
                int here = Math.max(0, bytes / Integer.BYTES);
                if (index < before + here) {
                    int offset = (index - before) * Integer.BYTES;
                    return staging.getInt(layout.controlData(at) + offset);
                }
                before += here;
            }
            at += layout.controlSpace(Math.max(0, bytes));
        }
        return Descriptors.NONE;
    }

    /** Returns the size of the control data, plus all bytes of a buffer that is copied. */
    private static int stagingBytes(int space, long address, int count) {
        return address == BufferAddresses.NONE ? space + Math.min(count, MAX_COPIED_BYTES) : space;
    }

    private static void requireBytes(int count) {
        if (count <= 0) {
            throw new IllegalArgumentException(
                    "descriptors need at least one byte of data to go with");
        }
    }

    private static void requireCount(int descriptors) {
        if (descriptors < 1 || descriptors > MAX_DESCRIPTORS) {
            throw new IllegalArgumentException(
                    descriptors + " descriptors are out of range; pass 1 to " + MAX_DESCRIPTORS);
        }
    }
}
