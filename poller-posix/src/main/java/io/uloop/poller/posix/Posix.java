package io.uloop.poller.posix;

import io.uloop.poller.PollerException;
import java.nio.file.Path;
import java.util.List;
import jnr.constants.platform.Errno;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Platform;
import jnr.ffi.Runtime;

/**
 * Binds C calls to Java interfaces and tells how they failed. An interface takes and gives only
 * {@code int} and {@code long} (for addresses and sizes), for which JNR emits a direct stub; a
 * symbol that the library lacks throws {@link UnsatisfiedLinkError} when called. Any thread.
 */
public final class Posix {
    /** Interrupted by a signal; the call is to be repeated. */
    public static final int EINTR = Errno.EINTR.intValue();

    /** Would block. The same number as EWOULDBLOCK on every supported system. */
    public static final int EAGAIN = Errno.EAGAIN.intValue();

    /** Not an open descriptor. */
    public static final int EBADF = Errno.EBADF.intValue();

    /** Exists already. */
    public static final int EEXIST = Errno.EEXIST.intValue();

    /** Does not exist. */
    public static final int ENOENT = Errno.ENOENT.intValue();

    /** Not for this kind of file. */
    public static final int EPERM = Errno.EPERM.intValue();

    /** Not what this call or this kind of file takes. */
    public static final int EINVAL = Errno.EINVAL.intValue();

    /** The reader of a pipe, or the peer of a socket, is gone. */
    public static final int EPIPE = Errno.EPIPE.intValue();

    /** Something went wrong that has no better name. */
    public static final int EIO = Errno.EIO.intValue();

    /** The kernel lacks this call. */
    public static final int ENOSYS = Errno.ENOSYS.intValue();

    /** Those that share their number with another name on some systems. */
    private static final List<Errno> PREFERRED =
            List.of(Errno.EAGAIN, Errno.EDEADLK, Errno.EOPNOTSUPP);

    private static final Runtime RUNTIME = Runtime.getSystemRuntime();

    private Posix() {}

    /**
     * Binds the calls of an interface to the C library of this process.
     *
     * @param <T> the interface
     * @param calls a public interface, in a package that is open to every module
     * @return its implementation
     */
    public static <T> T bind(Class<T> calls) {
        return LibraryLoader.create(calls)
                .load(Platform.getNativePlatform().getStandardCLibraryName());
    }

    /**
     * Binds the calls of an interface to a library that stands for the C library's.
     *
     * @param <T> the interface
     * @param calls a public interface, in a package that is open to every module
     * @param library where the library is
     * @return its implementation
     * @throws UnsatisfiedLinkError if it cannot be loaded
     */
    public static <T> T bind(Class<T> calls, Path library) {
        return LibraryLoader.create(calls).load(library.toString());
    }

    /**
     * The errno of this thread's last failed call. Valid only right after a negative result.
     *
     * @return the number, which differs between systems
     */
    public static int errno() {
        return RUNTIME.getLastError();
    }

    /**
     * Sets what {@link #errno} will answer on this thread; for layers that stand in for a call.
     *
     * @param errno the number
     */
    public static void setErrno(int errno) {
        RUNTIME.setLastError(errno);
    }

    /**
     * Names an errno.
     *
     * @param errno the number
     * @return its symbol, {@code "EEXIST"}, or {@code "errno 1234"} if it has none
     */
    public static String errnoName(int errno) {
        for (Errno preferred : PREFERRED) {
            if (preferred.intValue() == errno) {
                return preferred.name();
            }
        }
        return isKnown(errno) ? Errno.valueOf(errno).name() : "errno " + errno;
    }

    private static boolean isKnown(int errno) {
        Errno known = Errno.valueOf(errno);
        return known.defined() && known != Errno.__UNKNOWN_CONSTANT__;
    }

    /**
     * Makes the exception for a call that has just failed.
     *
     * @param syscall the call's name
     * @param detail its other telling arguments; may be empty
     * @param fd the descriptor, or -1 when the call has none
     * @return the exception, from this thread's errno
     */
    public static PollerException failure(String syscall, String detail, int fd) {
        return failure(syscall, detail, fd, errno());
    }

    /**
     * Makes the exception for a call that failed.
     *
     * @param syscall the call's name
     * @param detail its other telling arguments; may be empty
     * @param fd the descriptor, or -1 when the call has none
     * @param errno the number it failed with
     * @return the exception
     */
    public static PollerException failure(String syscall, String detail, int fd, int errno) {
        String name = errnoName(errno);
        return new PollerException(syscall, detail, fd, name, explain(syscall, name, errno));
    }

    /**
     * Tells whether a call may be missing: ENOSYS is how a kernel answers a call that it does not
     * know, ENOSYS or EPERM how a filter of system calls, as containers have, answers one that it
     * does not allow.
     *
     * @param errno what a call failed with that does not fail so by itself
     * @return true if another call is to be tried instead
     */
    public static boolean isRefusedByKernel(int errno) {
        return errno == ENOSYS || errno == EPERM;
    }

    /** Refuses a number that no kernel gives, before a call is made. */
    static void requireDescriptor(String syscall, int fd) throws PollerException {
        if (fd < 0) {
            throw failure(syscall, "", fd, EBADF);
        }
    }

    /** What the errno means here and what to do; the system's own words where there is no more. */
    private static String explain(String syscall, String name, int errno) {
        return switch (syscall + ' ' + name) {
            case "bind EACCES" -> "permission denied; ports below 1024 need privileges";
            case "read EBADF", "readv EBADF" -> "not an open descriptor, or open for writing only";
            case "write EBADF", "writev EBADF" ->
                    "not an open descriptor, or open for reading only";
            case "connect EAGAIN" ->
                    "the listener's queue is full or all local ports are taken; try again later";
            case "epoll_ctl ENOSPC" ->
                    "the limit of watches is reached; raise fs.epoll.max_user_watches";
            case "inotify_add_watch ENOSPC" ->
                    "the limit of watches is reached; raise fs.inotify.max_user_watches";
            case "inotify_init1 EMFILE" ->
                    "out of descriptors or watchers; raise ulimit -n or"
                            + " fs.inotify.max_user_instances";
            case "open ENXIO" ->
                    "nobody reads this FIFO, start its reader first; or no device is behind this"
                            + " file";
            case "posix_openpt ENOSPC" -> "out of pseudo-terminals; raise kernel.pty.max";
            case "epoll_ctl EPERM", "kevent EPERM", "poll EPERM" ->
                    "this kind of file cannot be watched; regular files are always ready";
            default -> explain(name, errno);
        };
    }

    private static String explain(String name, int errno) {
        return switch (name) {
            case "EBADF" -> "not an open descriptor; it was closed, or never opened";
            case "EMFILE" -> "this process is out of descriptors; close some or raise ulimit -n";
            case "ENFILE" -> "the system is out of descriptors; raise fs.file-max";
            case "ENOMEM" -> "the kernel is out of memory";
            case "EADDRINUSE" -> "address in use; stop the other program or take another port";
            default ->
                    isKnown(errno)
                            ? Errno.valueOf(errno).description()
                            : "this system has no words for it";
        };
    }
}
