package io.uloop.poller.posix.socket;

import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Constant;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.file.SocketType;
import io.uloop.poller.posix.file.Transfers;
import io.uloop.poller.posix.memory.BufferAddresses;
import io.uloop.poller.posix.memory.BufferChecks;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.posix.memory.Staging;
import io.uloop.poller.spi.ActivityCounts;
import java.nio.ByteBuffer;

/** Moves the bytes of sockets with flags of recv(2) and send(2). Allocates nothing. */
public final class FlaggedTransfers {
    private static final int MSG_OOB = Constant.MSG_OOB.value();
    private static final int MSG_PEEK = Constant.MSG_PEEK.value();
    private static final int MSG_MORE = Constant.MSG_MORE.value();

    private final Libc.Calls libc;
    private final Transfers transfers;
    private final ActivityCounts activity;

    public FlaggedTransfers(Libc.Calls libc, Transfers transfers, ActivityCounts activity) {
        this.libc = libc;
        this.transfers = transfers;
        this.activity = activity;
    }

    public int peek(int fd, ByteBuffer target) throws PollerException {
        Posix.requireDescriptor("recv", fd);
        BufferChecks.requireWritable(target);
        int position = target.position();
        int count = target.limit() - position;
        if (count <= 0) {
            return 0;
        }
        long address = BufferAddresses.of(target);
        int moved;
        if (address != BufferAddresses.NONE) {
            try {
                moved = peek(fd, address + position, count);
            } finally {
                Memory.keep(target);
            }
        } else {
            BufferChecks.requireAccess(target);
            int asked = transfers.copyBytes(fd, count);
            Staging staging = Scratch.mine().staging(asked);
            try {
                moved = peek(fd, staging.address(), asked);
                if (moved > 0) {
                    target.put(position, staging.bytes(), 0, moved);
                }
            } finally {
                staging.release();
            }
        }
        if (moved > 0) {
            target.position(position + moved);
        }
        return moved;
    }

    private int peek(int fd, long bytes, int count) throws PollerException {
        for (; ; ) {
            long moved = libc.recv(fd, bytes, count, MSG_PEEK);
            if (moved >= 0) {
                return moved == 0 && !SocketType.isDatagram(libc, fd) ? -1 : (int) moved;
            }
            if (Transfers.wouldBlock("recv", fd)) {
                return 0;
            }
        }
    }

    public int writeMore(int fd, ByteBuffer source) throws PollerException {
        return transfers.write(fd, source, MSG_MORE);
    }

    public boolean sendUrgent(int fd, byte value) throws PollerException {
        Posix.requireDescriptor("send", fd);
        Scratch scratch = Scratch.mine();
        scratch.block().put(Scratch.VALUE, value);
        for (; ; ) {
            if (libc.send(fd, scratch.address(Scratch.VALUE), 1, MSG_OOB) == 1) {
                activity.increment(fd);
                return true;
            }
            if (Transfers.wouldBlock("send", fd)) {
                return false;
            }
        }
    }

    /** Linux fails with EINVAL if there is no urgent byte or if it arrives among the others. */
    public int receiveUrgent(int fd) throws PollerException {
        Posix.requireDescriptor("recv", fd);
        Scratch scratch = Scratch.mine();
        for (; ; ) {
            long moved = libc.recv(fd, scratch.address(Scratch.VALUE), 1, MSG_OOB);
            if (moved > 0) {
                activity.increment(fd);
                return scratch.block().get(Scratch.VALUE) & 0xff;
            }
            if (moved == 0 || Posix.errno() == Posix.EINVAL || Transfers.wouldBlock("recv", fd)) {
                return Descriptors.NONE;
            }
        }
    }
}
