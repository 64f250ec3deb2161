package io.uloop.poller.posix.file;

import io.uloop.poller.posix.call.Constant;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.memory.Scratch;
import java.nio.ByteBuffer;

/**
 * The types of sockets, and which one a descriptor has. Calls getsockopt(2), without an exception
 * for a file. Thread-safe.
 */
public final class SocketType {
    /** A stream, as TCP. */
    public static final int STREAM = Constant.SOCK_STREAM.value();

    /** Datagrams, as UDP. */
    public static final int DATAGRAM = Constant.SOCK_DGRAM.value();

    private static final int NO_SOCKET = 0;
    private static final int SOL_SOCKET = Constant.SOL_SOCKET.value();
    private static final int SO_TYPE = Constant.SO_TYPE.value();

    private SocketType() {}

    /** Returns whether a descriptor is a datagram socket. */
    public static boolean isDatagram(Libc.Calls libc, int fd) {
        return of(libc, fd) == DATAGRAM;
    }

    /** Returns whether one call moves one message, which no further call can complete. */
    public static boolean isMessageBased(Libc.Calls libc, int fd) {
        int type = of(libc, fd);
        return type != NO_SOCKET && type != STREAM;
    }

    private static int of(Libc.Calls libc, int fd) {
        Scratch scratch = Scratch.mine();
        ByteBuffer block = scratch.block().putInt(Scratch.LENGTH, Integer.BYTES);
        long value = scratch.address(Scratch.VALUE);
        long length = scratch.address(Scratch.LENGTH);
        return libc.getsockopt(fd, SOL_SOCKET, SO_TYPE, value, length) == 0 // else ENOTSOCK
                ? block.getInt(Scratch.VALUE)
                : NO_SOCKET;
    }
}
