package io.uloop.poller.posix;

import io.uloop.poller.PollerException;
import java.nio.file.Path;
import java.util.List;
import jnr.constants.platform.Errno;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Platform;
import jnr.ffi.Runtime;

/**
 * Binds C functions to Java interfaces and converts their errors to exceptions. An interface may
 * use only {@code int}, and {@code long} for addresses and sizes, so that JNR can emit a direct
 * stub. Calling a function that the library lacks throws {@link UnsatisfiedLinkError}. Thread-safe.
 */
public final class Posix {
    /** A signal interrupted the call; repeat it. */
    public static final int EINTR = Errno.EINTR.intValue();

    /** The call would block. Same value as EWOULDBLOCK on every supported system. */
    public static final int EAGAIN = Errno.EAGAIN.intValue();

    /** The number is not an open descriptor. */
    public static final int EBADF = Errno.EBADF.intValue();

    /** The object already exists. */
    public static final int EEXIST = Errno.EEXIST.intValue();

    /** The object does not exist. */
    public static final int ENOENT = Errno.ENOENT.intValue();

    /** The operation is not permitted, or not supported for this kind of file. */
    public static final int EPERM = Errno.EPERM.intValue();

    /** An argument is invalid for this call or this kind of file. */
    public static final int EINVAL = Errno.EINVAL.intValue();

    /** The pipe has no reader, or the socket's peer has closed it. */
    public static final int EPIPE = Errno.EPIPE.intValue();

    /** An I/O error without a more specific code. */
    public static final int EIO = Errno.EIO.intValue();

    /** The kernel does not implement the call. */
    public static final int ENOSYS = Errno.ENOSYS.intValue();

    /** The preferred names of values that have two names on some systems. */
    private static final List<Errno> PREFERRED =
            List.of(Errno.EAGAIN, Errno.EDEADLK, Errno.EOPNOTSUPP);

    private static final Runtime RUNTIME = Runtime.getSystemRuntime();

    private Posix() {}

    /**
     * Binds an interface to the C library of this process.
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
     * Binds an interface to a library that replaces the C library.
     *
     * @param <T> the interface
     * @param calls a public interface, in a package that is open to every module
     * @param library the path of the library
     * @return its implementation
     * @throws UnsatisfiedLinkError if it cannot be loaded
     */
    public static <T> T bind(Class<T> calls, Path library) {
        return LibraryLoader.create(calls).load(library.toString());
    }

    /**
     * Returns the errno of this thread's last failed call. Valid only immediately after a negative
     * result.
     *
     * @return the number, which differs between systems
     */
    public static int errno() {
        return RUNTIME.getLastError();
    }

    /**
     * Sets the value that {@link #errno} returns on this thread, for code that simulates a call.
     *
     * @param errno the number
     */
    public static void setErrno(int errno) {
        RUNTIME.setLastError(errno);
    }

    /**
     * Returns the symbolic name of an errno.
     *
     * @param errno the number
     * @return its name, such as {@code "EEXIST"}, or {@code "errno 1234"} if it has none
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
     * Creates an exception from this thread's errno, for a call that has just failed.
     *
     * @param syscall the call's name
     * @param detail other important arguments; may be empty
     * @param fd the descriptor, or -1 if the call has none
     * @return the exception
     */
    public static PollerException failure(String syscall, String detail, int fd) {
        return failure(syscall, detail, fd, errno());
    }

    /**
     * Creates an exception for a failed call.
     *
     * @param syscall the call's name
     * @param detail other important arguments; may be empty
     * @param fd the descriptor, or -1 if the call has none
     * @param errno the call's errno
     * @return the exception
     */
    public static PollerException failure(String syscall, String detail, int fd, int errno) {
        String name = errnoName(errno);
        return new PollerException(syscall, detail, fd, name, explain(syscall, name, errno));
    }

    /**
     * Returns whether an errno may mean that a call is unavailable. A kernel returns ENOSYS for an
     * unknown call. A seccomp filter, as used by containers, returns ENOSYS or EPERM for a blocked
     * one.
     *
     * @param errno the errno of a call that does not otherwise fail with ENOSYS or EPERM
     * @return true if the caller should fall back to another call
     */
    public static boolean isRefusedByKernel(int errno) {
        return errno == ENOSYS || errno == EPERM;
    }

    /** Rejects a negative number before a call is made. */
    static void requireDescriptor(String syscall, int fd) throws PollerException {
        if (fd < 0) {
            throw failure(syscall, "", fd, EBADF);
        }
    }

    /**
     * Explains an errno of this call and suggests a remedy; defaults to the system's description.
     */
    private static String explain(String syscall, String name, int errno) {
        return switch (syscall + ' ' + name) {
            case "bind EACCES" -> "permission denied; ports below 1024 need privileges";
            case "read EBADF", "readv EBADF" -> "not an open descriptor, or open only for writing";
            case "write EBADF", "writev EBADF" ->
                    "not an open descriptor, or open only for reading";
            case "connect EAGAIN" ->
                    "the listener's backlog is full, or all local ports are in use; try again later";
            case "epoll_ctl ENOSPC" ->
                    "the limit on epoll registrations is reached; raise fs.epoll.max_user_watches";
            case "inotify_add_watch ENOSPC" ->
                    "the limit on inotify watches is reached; raise fs.inotify.max_user_watches";
            case "inotify_init1 EMFILE" ->
                    "out of file descriptors or inotify instances; raise ulimit -n or"
                            + " fs.inotify.max_user_instances";
            case "open ENXIO" ->
                    "this FIFO has no reader (start its reader first), or the device does not"
                            + " exist";
            case "posix_openpt ENOSPC" -> "no pseudo-terminals are left; raise kernel.pty.max";
            case "epoll_ctl EPERM", "kevent EPERM", "poll EPERM" ->
                    "this kind of file cannot be polled; regular files are always ready";
            default -> explain(name, errno);
        };
    }

    private static String explain(String name, int errno) {
        return switch (name) {
            case "EBADF" -> "not an open descriptor; it was closed or never opened";
            case "EMFILE" ->
                    "this process is out of file descriptors; close some or raise ulimit -n";
            case "ENFILE" -> "the system is out of file descriptors; raise fs.file-max";
            case "ENOMEM" -> "the kernel is out of memory";
            case "EADDRINUSE" ->
                    "the address is in use; stop the other program or use another port";
            default ->
                    isKnown(errno)
                            ? Errno.valueOf(errno).description()
                            : "this system has no description of it";
        };
    }
}
