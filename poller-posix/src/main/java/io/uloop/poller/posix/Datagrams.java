package io.uloop.poller.posix;

import io.uloop.poller.spi.ActivityCounts;

import jnr.constants.platform.Errno;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.ref.Reference;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/** Whole datagrams between buffers and sockets. */
final class Datagrams {
    private static final int EAFNOSUPPORT = Errno.EAFNOSUPPORT.intValue();
    private static final int EINVAL = Errno.EINVAL.intValue();
    private static final long FAILED = -1;

    private static final SixArgumentCall RECVFROM = SixArgumentCall.find(null, "recvfrom");
    private static final SixArgumentCall SENDTO = SixArgumentCall.find(null, "sendto");

    private final Sockets sockets;
    private final ActivityCounts activity;
    private final SocketAddresses addresses = SocketAddresses.NATIVE;

    Datagrams(Sockets sockets, ActivityCounts activity) {
        this.sockets = sockets;
        this.activity = activity;
    }

    @Nullable SocketAddress receive(int fd, ByteBuffer target) throws IOException {
        Posix.requireDescriptor("recvfrom", fd);
        Transfers.requireWritable(target);
        Scratch scratch = Scratch.mine();
        int position = target.position();
        int count = target.remaining();
        ByteBuffer bytes = target.isDirect() ? target : staging(scratch, count);
        long moved;
        try {
            int start = target.isDirect() ? position : 0;
            moved = receive(fd, scratch, Memory.addressOf(bytes) + start, count);
        } finally {
            Reference.reachabilityFence(bytes);
        }
        if (moved < 0) {
            return null;
        }
        if (!target.isDirect()) {
            target.put(position, bytes, 0, (int) moved);
        }
        target.position(position + (int) moved);
        return addresses.get(scratch.block(), scratch.block().getInt(Scratch.LENGTH));
    }

    int send(int fd, ByteBuffer source, SocketAddress target) throws IOException {
        Posix.requireDescriptor("sendto", fd);
        Scratch scratch = Scratch.mine();
        int position = source.position();
        int count = source.remaining();
        ByteBuffer bytes = source;
        int start = position;
        if (!source.isDirect()) {
            bytes = staging(scratch, count).put(0, source, position, count);
            start = 0;
        }
        int moved;
        try {
            moved = send(fd, scratch, Memory.addressOf(bytes) + start, count, target);
        } finally {
            Reference.reachabilityFence(bytes);
        }
        source.position(position + moved);
        return moved;
    }

    /** A datagram moves whole or not at all: a large one gets bytes for itself. */
    private static ByteBuffer staging(Scratch scratch, int count) {
        return count <= Scratch.MAX_STAGING_BYTES
                ? scratch.staging(count)
                : ByteBuffer.allocateDirect(count);
    }

    private long receive(int fd, Scratch scratch, long bytes, int count) throws IOException {
        for (; ; ) {
            scratch.block().putInt(Scratch.LENGTH, Scratch.ADDRESS_BYTES);
            long moved =
                    RECVFROM.call(
                            fd,
                            bytes,
                            count,
                            0,
                            scratch.address(0),
                            scratch.address(Scratch.LENGTH));
            if (moved >= 0) {
                activity.increment(fd);
                return moved;
            }
            if (Transfers.wouldBlock("recvfrom", fd)) {
                return FAILED;
            }
        }
    }

    /**
     * The address is first tried in its own family, which spares a system call to ask for the
     * socket's: they agree, and Linux takes IPv4 on an INET6 socket.
     */
    private int send(int fd, Scratch scratch, long bytes, int count, SocketAddress target)
            throws IOException {
        int family = SocketAddresses.familyOf(target);
        int length = addresses.put(scratch.block(), family, target, "sendto", fd);
        for (; ; ) {
            long moved = SENDTO.call(fd, bytes, count, 0, scratch.address(0), length);
            if (moved >= 0) {
                activity.increment(fd);
                return (int) moved;
            }
            int errno = Posix.errno();
            if (errno == EAFNOSUPPORT || errno == EINVAL) {
                int actual = sockets.family(fd, "sendto");
                if (actual != family) {
                    family = actual;
                    length = addresses.put(scratch.block(), family, target, "sendto", fd);
                    continue;
                }
                throw Posix.failure("sendto", target.toString(), fd, errno);
            }
            if (errno == Posix.EAGAIN) {
                return 0;
            }
            if (errno != Posix.EINTR) {
                throw Posix.failure("sendto", target.toString(), fd, errno);
            }
        }
    }
}
