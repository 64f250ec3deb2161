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
    private final ActivityCounts activity;

    public FlaggedTransfers(Libc.Calls libc, ActivityCounts activity) {
        this.libc = libc;
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
            Staging staging = Scratch.mine().staging(Math.min(count, Scratch.MAX_STAGING_BYTES));
            try {
                moved = peek(fd, staging.address(), Math.min(count, staging.capacity()));
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
        Posix.requireDescriptor("send", fd);
        int position = source.position();
        int count = source.limit() - position;
        if (count <= 0) {
            return 0;
        }
        long address = BufferAddresses.of(source);
        int moved;
        if (address != BufferAddresses.NONE) {
            try {
                moved = send(fd, address + position, count, MSG_MORE);
            } finally {
                Memory.keep(source);
            }
        } else {
            Staging staging = Scratch.mine().staging(count); // whole, as it may be a datagram
            try {
                staging.bytes().put(0, source, position, count);
                moved = send(fd, staging.address(), count, MSG_MORE);
            } finally {
                staging.release();
            }
        }
        source.position(position + moved);
        return moved;
    }

    public boolean sendUrgent(int fd, byte value) throws PollerException {
        Posix.requireDescriptor("send", fd);
        Scratch scratch = Scratch.mine();
        scratch.block().put(Scratch.VALUE, value);
        return send(fd, scratch.address(Scratch.VALUE), 1, MSG_OOB) == 1;
    }

    private int send(int fd, long bytes, int count, int flags) throws PollerException {
        for (; ; ) {
            long moved = libc.send(fd, bytes, count, flags);
            if (moved >= 0) {
                activity.increment(fd);
                return (int) moved;
            }
            if (Transfers.wouldBlock("send", fd)) {
                return 0;
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
