package io.uloop.poller.posix.file;

import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Constant;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Scratch;
import java.nio.ByteBuffer;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/**
 * Opens descriptors that are non-blocking and close-on-exec. Linux does so in one step. Other
 * systems need additional fcntl(2) calls, so a child process that is started between the steps
 * inherits the descriptor. There accept(2) also allocates, because JNR's variadic calls do.
 */
public final class Opener {
    static final int O_NONBLOCK = Constant.O_NONBLOCK.value();
    static final int O_CLOEXEC = Constant.O_CLOEXEC.value();
    static final int O_NOCTTY = Constant.O_NOCTTY.value();
    static final int O_RDWR = Constant.O_RDWR.value();

    private static final int FD_CLOEXEC = 1; // the same on every system
    private static final int F_SETFD = Constant.F_SETFD.value();
    private static final int F_GETFL = Constant.F_GETFL.value();
    private static final int F_SETFL = Constant.F_SETFL.value();

    /** Flags of open(2), and on Linux also of socket(2), accept4(2), pipe2(2) and similar calls. */
    static final int FLAGS = O_NONBLOCK | O_CLOEXEC;

    /** The opener of this system. */
    static final Opener NATIVE = new Opener(Libc.CALLS, Linux.CALLS, Linux.HERE);

    private final Libc.Calls libc;
    private final Linux.Calls linux;
    private final boolean atomic;

    /** False once the kernel or a seccomp filter has rejected accept4(2). */
    private volatile boolean hasAccept4;

    private volatile boolean hasPipe2;

    /**
     * @param atomic whether to use the calls of {@link Linux}
     */
    public Opener(Libc.Calls libc, Linux.Calls linux, boolean atomic) {
        this.libc = libc;
        this.linux = linux;
        this.atomic = atomic;
        hasAccept4 = atomic;
        hasPipe2 = atomic;
    }

    public int socket(int domain, int type) throws PollerException {
        int fd = libc.socket(domain, atomic ? type | FLAGS : type, 0);
        if (fd < 0) {
            throw Posix.failure("socket", "", -1);
        }
        return atomic ? fd : prepared(fd);
    }

    /** {@return a connection, or a negative number with errno set} */
    public int accept(int fd) throws PollerException {
        boolean refused = false;
        if (hasAccept4) {
            int connection = linux.accept4(fd, 0, 0, FLAGS);
            refused = connection < 0 && Posix.isRefusedByKernel(Posix.errno());
            if (!refused) {
                return connection;
            }
        }
        int connection = libc.accept(fd, 0, 0);
        if (connection < 0) {
            return connection; // EPERM again: a firewall or security module rejects it
        }
        if (refused) {
            hasAccept4 = false;
        }
        return prepared(connection);
    }

    public Descriptors.Pipe pipe() throws PollerException {
        Scratch scratch = Scratch.mine();
        long ends = scratch.address(Scratch.VALUE);
        if (hasPipe2) {
            if (linux.pipe2(ends, FLAGS) == 0) {
                return pipe(takeEnds(scratch, true));
            }
            hasPipe2 = !Posix.isRefusedByKernel(Posix.errno());
        }
        if (hasPipe2 || libc.pipe(ends) < 0) {
            throw Posix.failure("pipe", "", -1);
        }
        return pipe(takeEnds(scratch, false));
    }

    private static Descriptors.Pipe pipe(int[] ends) {
        return new Descriptors.Pipe(ends[0], ends[1]);
    }

    public NativeDescriptors.SocketPair socketPair(int domain, int type) throws PollerException {
        Scratch scratch = Scratch.mine();
        long address = scratch.address(Scratch.VALUE);
        if (libc.socketpair(domain, atomic ? type | FLAGS : type, 0, address) < 0) {
            throw Posix.failure("socketpair", "", -1);
        }
        int[] ends = takeEnds(scratch, atomic);
        return new NativeDescriptors.SocketPair(ends[0], ends[1]);
    }

    /**
     * Duplicates a descriptor. The copy shares the open file, so it blocks if the original does.
     */
    public int dup(int fd) throws PollerException {
        int copy = atomic ? libc.fcntl(fd, Linux.F_DUPFD_CLOEXEC, 0) : libc.dup(fd);
        if (copy < 0) {
            throw Posix.failure("dup", "", fd);
        }
        if (!atomic) {
            try {
                closeOnExec(copy);
            } catch (PollerException e) {
                libc.close(copy);
                throw e;
            }
        }
        return copy;
    }

    public int open(Path path, OpenOption... options) throws PollerException {
        int flags = OpenMode.flags(options) | O_NOCTTY | FLAGS;
        ByteBuffer name = NativePath.terminated(path);
        try {
            for (; ; ) {
                int fd = libc.open(Memory.addressOf(name), flags, OpenMode.PERMISSIONS);
                if (fd >= 0) {
                    return fd;
                }
                int errno = Posix.errno();
                if (errno != Posix.EINTR) {
                    throw Posix.failure("open", path.toString(), -1, errno);
                }
            }
        } finally {
            Memory.keep(name);
        }
    }

    private int[] takeEnds(Scratch scratch, boolean prepared) throws PollerException {
        int[] ends = {
            scratch.block().getInt(Scratch.VALUE),
            scratch.block().getInt(Scratch.VALUE + Integer.BYTES)
        };
        if (!prepared) {
            try {
                prepare(ends[0]);
                prepare(ends[1]);
            } catch (PollerException e) {
                libc.close(ends[0]);
                libc.close(ends[1]);
                throw e;
            }
        }
        return ends;
    }

    private int prepared(int fd) throws PollerException {
        try {
            prepare(fd);
            return fd;
        } catch (PollerException e) {
            libc.close(fd);
            throw e;
        }
    }

    /** Makes an open descriptor non-blocking and close-on-exec. */
    void prepare(int fd) throws PollerException {
        closeOnExec(fd);
        setBlocking(fd, false);
    }

    public boolean isBlocking(int fd) throws PollerException {
        return (flags(fd) & O_NONBLOCK) == 0;
    }

    public void setBlocking(int fd, boolean blocking) throws PollerException {
        int flags = flags(fd);
        int wanted = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
        if (wanted != flags && libc.fcntl(fd, F_SETFL, wanted) < 0) {
            throw Posix.failure("fcntl", "O_NONBLOCK", fd);
        }
    }

    private int flags(int fd) throws PollerException {
        int flags = libc.fcntl(fd, F_GETFL, 0);
        if (flags < 0) {
            throw Posix.failure("fcntl", "F_GETFL", fd);
        }
        return flags;
    }

    public void closeOnExec(int fd) throws PollerException {
        setCloseOnExec(fd, true);
    }

    public void setCloseOnExec(int fd, boolean close) throws PollerException {
        if (libc.fcntl(fd, F_SETFD, close ? FD_CLOEXEC : 0) < 0) {
            throw Posix.failure("fcntl", "FD_CLOEXEC", fd);
        }
    }
}
