package io.uloop.poller.posix.socket;

import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Constant;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.BufferChecks;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.posix.memory.Staging;
import io.uloop.poller.spi.Linger;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Sets and reads socket options by their numbers, and takes pending errors. */
public final class RawOptions {
    private static final int SOL_SOCKET = Constant.SOL_SOCKET.value();
    private static final int SO_ERROR = Constant.SO_ERROR.value();

    private final Libc.Calls libc;

    public RawOptions(Libc.Calls libc) {
        this.libc = libc;
    }

    public void set(int fd, int level, int name, ByteBuffer value) throws PollerException {
        Posix.requireDescriptor("setsockopt", fd);
        int position = value.position();
        int count = Math.max(0, value.limit() - position);
        Staging staging = Scratch.mine().staging(count);
        try {
            staging.bytes().put(0, value, position, count);
            requireNoLinger(level, name, staging.bytes(), count);
            if (libc.setsockopt(fd, level, name, staging.address(), count) < 0) {
                throw Posix.failure("setsockopt", detail(level, name), fd);
            }
        } finally {
            staging.release();
        }
    }

    /** The value is a struct linger: whether it is on, and the seconds. */
    private static void requireNoLinger(int level, int name, ByteBuffer value, int count) {
        if (level == SOL_SOCKET
                && SocketOptions.isLinger(name)
                && count >= 2 * Integer.BYTES
                && value.getInt(0) != 0) {
            Linger.requireNone(value.getInt(Integer.BYTES));
        }
    }

    public int get(int fd, int level, int name, ByteBuffer target) throws PollerException {
        Posix.requireDescriptor("getsockopt", fd);
        BufferChecks.requireWritable(target);
        int position = target.position();
        int count = Math.max(0, target.limit() - position);
        Scratch scratch = Scratch.mine();
        Staging staging = scratch.staging(count);
        try {
            scratch.block().putInt(Scratch.LENGTH, count);
            long length = scratch.address(Scratch.LENGTH);
            if (libc.getsockopt(fd, level, name, staging.address(), length) < 0) {
                throw Posix.failure("getsockopt", detail(level, name), fd);
            }
            int bytes = Math.min(count, scratch.block().getInt(Scratch.LENGTH));
            target.put(position, staging.bytes(), 0, bytes);
            target.position(position + bytes);
            return bytes;
        } finally {
            staging.release();
        }
    }

    public @Nullable PollerException takeError(int fd) throws PollerException {
        Posix.requireDescriptor("getsockopt", fd);
        Scratch scratch = Scratch.mine();
        ByteBuffer block = scratch.block().putInt(Scratch.LENGTH, Integer.BYTES);
        long value = scratch.address(Scratch.VALUE);
        long length = scratch.address(Scratch.LENGTH);
        if (libc.getsockopt(fd, SOL_SOCKET, SO_ERROR, value, length) < 0) {
            throw Posix.failure("getsockopt", "SO_ERROR", fd);
        }
        int pending = block.getInt(Scratch.VALUE);
        return pending == 0 ? null : Posix.failure("getsockopt", "SO_ERROR", fd, pending);
    }

    private static String detail(int level, int name) {
        return "level " + level + ", option " + name;
    }
}
