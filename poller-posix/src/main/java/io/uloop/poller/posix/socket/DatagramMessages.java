package io.uloop.poller.posix.socket;

import io.uloop.poller.DatagramError;
import io.uloop.poller.DatagramInfo;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Constant;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.file.Transfers;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.spi.ActivityCounts;
import java.nio.ByteBuffer;

/**
 * Moves single datagrams with control data. The address, the header, its iovec and the control data
 * are in the scratch block, copied bytes in its staging area. Allocates nothing for internet
 * addresses.
 */
public final class DatagramMessages extends WholeDatagrams<DatagramInfo> {
    private static final int MSG_ERRQUEUE = Constant.MSG_ERRQUEUE.value();
    private static final int EAFNOSUPPORT = Posix.number(Errno.EAFNOSUPPORT);

    private static final int NAME = 0;
    private static final int HEADER = Scratch.VALUE;
    private static final int VECTOR = HEADER + 64;
    private static final int CONTROL = VECTOR + Scratch.VECTOR_BYTES;
    private static final int CONTROL_BYTES = HEADER + Scratch.VALUE_BYTES - CONTROL;

    private final Libc.Calls libc;
    private final Sockets sockets;
    private final ActivityCounts activity;
    private final MessageLayout layout = MessageLayout.NATIVE;
    private final DatagramAddresses addresses = new DatagramAddresses(SocketAddresses.NATIVE);
    private final DatagramControl control;

    public DatagramMessages(Libc.Calls libc, Sockets sockets, ActivityCounts activity) {
        super("recvmsg", "sendmsg");
        this.libc = libc;
        this.sockets = sockets;
        this.activity = activity;
        control = new DatagramControl(libc);
    }

    public int receive(int fd, ByteBuffer target, DatagramInfo info) throws PollerException {
        Scratch scratch = Scratch.mine();
        int moved = receive(fd, scratch, target, 0);
        if (moved != Descriptors.NONE) {
            ByteBuffer block = scratch.block();
            addresses.get(block, NAME, layout.nameLength(block, HEADER), info.peer());
            var unused = control.get(block, HEADER, CONTROL, info);
        }
        return moved;
    }

    public int receiveError(int fd, ByteBuffer target, DatagramError error) throws PollerException {
        Scratch scratch = Scratch.mine();
        int moved = receive(fd, scratch, target, MSG_ERRQUEUE);
        if (moved != Descriptors.NONE) {
            ByteBuffer block = scratch.block();
            addresses.get(block, NAME, layout.nameLength(block, HEADER), error.receiver());
            control.getError(block, HEADER, CONTROL, error);
        }
        return moved;
    }

    @Override
    int receive(int fd, Scratch scratch, long bytes, int count, int flags) throws PollerException {
        for (; ; ) {
            prepare(scratch, bytes, count);
            layout.setNameLength(scratch.block(), HEADER, Scratch.ADDRESS_BYTES);
            layout.setControlLength(scratch.block(), HEADER, CONTROL_BYTES);
            long moved = libc.recvmsg(fd, scratch.address(HEADER), flags);
            if (moved >= 0) {
                activity.increment(fd);
                return (int) moved;
            }
            if (Transfers.wouldBlock("recvmsg", fd)) {
                return Descriptors.NONE;
            }
        }
    }

    /** Tries the family of the addresses first, as {@link Datagrams} does. */
    @Override
    int send(int fd, Scratch scratch, long bytes, int count, DatagramInfo info)
            throws PollerException {
        int family = DatagramControl.familyOf(info);
        describe(fd, scratch, bytes, count, family, info);
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
            if (errno == EAFNOSUPPORT || errno == Posix.EINVAL) {
                int actual = sockets.family(fd, "sendmsg");
                if (actual != family) {
                    family = actual;
                    describe(fd, scratch, bytes, count, family, info);
                    continue;
                }
            }
            if (errno != Posix.EINTR) {
                String detail = info.peer() + " from " + info.local();
                throw Posix.failure("sendmsg", detail, fd, errno);
            }
        }
    }

    private void describe(
            int fd, Scratch scratch, long bytes, int count, int family, DatagramInfo info)
            throws PollerException {
        prepare(scratch, bytes, count);
        ByteBuffer block = scratch.block();
        int name = addresses.put(block, NAME, family, info.peer(), "sendmsg", fd);
        layout.setNameLength(block, HEADER, name);
        int length = control.put(block, CONTROL, family, info, "sendmsg", fd);
        layout.setControlLength(block, HEADER, length);
    }

    private void prepare(Scratch scratch, long bytes, int count) {
        ByteBuffer block = scratch.block();
        block.putLong(VECTOR, bytes);
        block.putLong(VECTOR + Long.BYTES, count);
        layout.putHeader(
                block,
                HEADER,
                scratch.address(NAME),
                scratch.address(VECTOR),
                1,
                scratch.address(CONTROL));
    }
}
