package io.uloop.poller.posix;

import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.spi.ActivityCounts;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jnr.constants.platform.SocketControlMessage;
import jnr.constants.platform.SocketLevel;
import jnr.constants.platform.SocketMessage;

/**
 * Descriptors that go with bytes over unix-domain sockets: SCM_RIGHTS of unix(7). The header and
 * its iovec are in the scratch's block, the control data and the bytes of the heap in its staging.
 */
final class DescriptorPassing {
    private static final int SOL_SOCKET = SocketLevel.SOL_SOCKET.intValue();
    private static final int SCM_RIGHTS = SocketControlMessage.SCM_RIGHTS.intValue();
    private static final int MSG_CTRUNC = SocketMessage.MSG_CTRUNC.intValue();
    private static final int HEADER = Scratch.VALUE;
    private static final int VECTOR = HEADER + 64;

    /** How many one call takes: SCM_MAX_FD of Linux; other systems take fewer or more. */
    private static final int MAX_DESCRIPTORS = 253;

    private final Libc.Calls libc;
    private final Opener opener;
    private final Sockets sockets;
    private final Transfers transfers;
    private final ActivityCounts activity;
    private final int receiveFlags;
    private final MessageLayout layout = MessageLayout.NATIVE;

    /**
     * @param atomic whether received descriptors can be closed on exec from the beginning
     */
    DescriptorPassing(
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

    int send(int fd, ByteBuffer source, int[] descriptors) throws IOException {
        Posix.requireDescriptor("sendmsg", fd);
        requireBytes(source);
        requireCount(descriptors.length);
        if (sockets.family(fd, "sendmsg") != SocketAddresses.AF_UNIX) { // TCP would not tell
            throw new PollerException(
                    "sendmsg", "SCM_RIGHTS", fd, "EOPNOTSUPP", "take a unix-domain socket");
        }
        int position = source.position();
        int count = bytes(source);
        int dataBytes = descriptors.length * Integer.BYTES;
        int space = layout.controlSpace(dataBytes);
        Scratch scratch = Scratch.mine();
        ByteBuffer staging = scratch.staging(space + staged(source, count));
        layout.putControl(staging, 0, SOL_SOCKET, SCM_RIGHTS, dataBytes);
        for (int i = 0; i < descriptors.length; i++) {
            staging.putInt(layout.controlData(0) + i * Integer.BYTES, descriptors[i]);
        }
        if (!source.isDirect()) {
            staging.put(space, source, position, count);
        }
        try {
            prepare(scratch, source, count, space, space);
            int moved = send(fd, scratch, descriptors);
            source.position(position + moved);
            return moved;
        } finally {
            Reference.reachabilityFence(source);
        }
    }

    private int send(int fd, Scratch scratch, int[] descriptors) throws IOException {
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

    int receive(int fd, ByteBuffer target, int[] descriptors) throws IOException {
        Posix.requireDescriptor("recvmsg", fd);
        Transfers.requireWritable(target);
        requireBytes(target);
        requireCount(descriptors.length);
        Arrays.fill(descriptors, Descriptors.NONE);
        int position = target.position();
        int count = bytes(target);
        int dataBytes = descriptors.length * Integer.BYTES;
        int space = layout.controlSpace(dataBytes);
        Scratch scratch = Scratch.mine();
        ByteBuffer staging = scratch.staging(space + staged(target, count));
        int moved;
        try {
            // Not a byte more: the kernel would fill what alignment adds with a descriptor.
            prepare(scratch, target, count, space, layout.controlData(dataBytes));
            moved = receive(fd, scratch);
        } finally {
            Reference.reachabilityFence(target);
        }
        if (moved > 0) {
            if (!target.isDirect()) {
                target.put(position, staging, space, moved);
            }
            target.position(position + moved);
        }
        take(fd, scratch, staging, descriptors); // an empty datagram may have brought some
        return moved;
    }

    private int receive(int fd, Scratch scratch) throws IOException {
        int control = layout.controlLength(scratch.block(), HEADER);
        for (; ; ) {
            layout.setControlLength(scratch.block(), HEADER, control);
            long moved = libc.recvmsg(fd, scratch.address(HEADER), receiveFlags);
            if (moved >= 0) {
                return (int) transfers.noteRead(fd, moved);
            }
            if (Transfers.wouldBlock("recvmsg", fd)) {
                layout.setControlLength(scratch.block(), HEADER, 0); // the kernel wrote nothing
                return 0;
            }
        }
    }

    private void prepare(Scratch scratch, ByteBuffer buffer, int count, int space, int control) {
        ByteBuffer block = scratch.block();
        long start =
                buffer.isDirect()
                        ? Memory.addressOf(buffer) + buffer.position()
                        : scratch.stagingAddress() + space;
        block.putLong(VECTOR, start);
        block.putLong(VECTOR + Long.BYTES, count);
        layout.putHeader(block, HEADER, 0, scratch.address(VECTOR), 1, scratch.stagingAddress());
        layout.setControlLength(block, HEADER, control);
    }

    /** Takes what came, or closes it if that is not all that was sent. */
    private void take(int fd, Scratch scratch, ByteBuffer staging, int[] descriptors)
            throws IOException {
        boolean whole = (layout.flags(scratch.block(), HEADER) & MSG_CTRUNC) == 0;
        int end = layout.controlLength(scratch.block(), HEADER);
        int taken = 0;
        for (int at = 0; at + layout.controlData(0) <= end; ) {
            int bytes = Math.min(layout.controlBytes(staging, at), end - layout.controlData(at));
            if (layout.isControl(staging, at, SOL_SOCKET, SCM_RIGHTS)) {
                for (int i = 0; i + Integer.BYTES <= bytes; i += Integer.BYTES) {
                    descriptors[taken++] = staging.getInt(layout.controlData(at) + i);
                }
            }
            at += layout.controlSpace(Math.max(0, bytes));
        }
        try {
            if (!whole) {
                throw new PollerException(
                        "recvmsg",
                        "SCM_RIGHTS",
                        fd,
                        "EMSGSIZE",
                        "more descriptors came than the "
                                + descriptors.length
                                + " there is room for, or than this process may open; closed all");
            }
            for (int i = 0; i < taken && receiveFlags == 0; i++) {
                opener.closeOnExec(descriptors[i]);
            }
        } catch (IOException e) {
            for (int i = 0; i < taken; i++) {
                libc.close(descriptors[i]);
            }
            Arrays.fill(descriptors, Descriptors.NONE);
            throw e;
        }
    }

    private static int staged(ByteBuffer buffer, int count) {
        return buffer.isDirect() ? 0 : count;
    }

    private static int bytes(ByteBuffer buffer) {
        return buffer.isDirect()
                ? buffer.remaining()
                : Math.min(buffer.remaining(), Scratch.MAX_STAGING_BYTES);
    }

    private static void requireBytes(ByteBuffer buffer) {
        if (!buffer.hasRemaining()) {
            throw new IllegalArgumentException("descriptors go with at least one byte");
        }
    }

    private static void requireCount(int descriptors) {
        if (descriptors < 1 || descriptors > MAX_DESCRIPTORS) {
            throw new IllegalArgumentException(
                    descriptors + " descriptors are not from 1 to " + MAX_DESCRIPTORS);
        }
    }
}
