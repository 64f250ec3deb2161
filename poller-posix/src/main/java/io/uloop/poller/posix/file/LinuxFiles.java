package io.uloop.poller.posix.file;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.posix.memory.Timespec;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Opens the descriptors that only Linux has: eventfd, timerfd, inotify and pidfd. */
public final class LinuxFiles {
    private static final int FLAGS = Opener.FLAGS; // EFD_, TFD_ and IN_ have the same values

    private LinuxFiles() {}

    public static int eventfd(int initial) throws PollerException {
        if (initial < 0) {
            throw new PollerException(
                    "eventfd",
                    "" + initial,
                    -1,
                    Errno.EINVAL,
                    "the initial value must be 0 or more");
        }
        return opened(Linux.CALLS.eventfd(initial, FLAGS), "eventfd", "");
    }

    public static int timerfd() throws PollerException {
        return opened(
                Linux.CALLS.timerfd_create(Linux.CLOCK_MONOTONIC, FLAGS), "timerfd_create", "");
    }

    /** {@code struct itimerspec { struct timespec it_interval, it_value; }}. */
    public static void setTimer(int fd, long initialNanos, long intervalNanos)
            throws PollerException {
        Posix.requireDescriptor("timerfd_settime", fd);
        Scratch scratch = Scratch.mine();
        Timespec.put(scratch.block(), Scratch.VALUE, intervalNanos);
        Timespec.put(scratch.block(), Scratch.VALUE + Timespec.BYTES, initialNanos);
        if (Linux.CALLS.timerfd_settime(fd, 0, scratch.address(Scratch.VALUE), 0) < 0) {
            throw Posix.failure("timerfd_settime", "", fd);
        }
    }

    public static int inotify() throws PollerException {
        return opened(Linux.CALLS.inotify_init1(FLAGS), "inotify_init1", "");
    }

    public static int watch(int fd, Path path, int mask) throws PollerException {
        Posix.requireDescriptor("inotify_add_watch", fd);
        ByteBuffer name = NativePath.terminated(path);
        try {
            int watch = Linux.CALLS.inotify_add_watch(fd, Memory.addressOf(name), mask);
            if (watch < 0) {
                throw Posix.failure("inotify_add_watch", path.toString(), fd);
            }
            return watch;
        } finally {
            Memory.keep(name);
        }
    }

    public static void unwatch(int fd, int watch) throws PollerException {
        Posix.requireDescriptor("inotify_rm_watch", fd);
        if (Linux.CALLS.inotify_rm_watch(fd, watch) < 0) {
            throw Posix.failure("inotify_rm_watch", "watch=" + watch, fd);
        }
    }

    /**
     * Called by number, because glibc has a wrapper only since 2.36. The result is always
     * close-on-exec.
     */
    public static int pidfd(long pid) throws PollerException {
        if (pid != (int) pid) {
            throw new PollerException(
                    "pidfd_open", "pid=" + pid, -1, Errno.ESRCH, "process ids are 32-bit numbers");
        }
        long fd = Linux.CALLS.syscall(Linux.SYS_PIDFD_OPEN, pid, 0);
        return opened((int) fd, "pidfd_open", "pid=" + pid);
    }

    private static int opened(int fd, String syscall, String detail) throws PollerException {
        if (fd < 0) {
            throw Posix.failure(syscall, detail, -1);
        }
        return fd;
    }
}
