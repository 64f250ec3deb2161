package io.uloop.poller.posix.call;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Platform;
import jnr.ffi.Runtime;
import jnr.ffi.mapper.FunctionMapper;

/**
 * Binds C functions to Java interfaces and converts their errors to exceptions. An interface may
 * use only {@code int}, and {@code long} for addresses and sizes, so that JNR can emit a direct
 * stub. Calling a function that the library lacks throws {@link UnsatisfiedLinkError}. Thread-safe.
 */
public final class Posix {
    /**
     * The prefix of methods that call the function named by the rest, but do not save its errno.
     * They must be annotated with {@link jnr.ffi.annotations.IgnoreError}. After a failure, {@link
     * #errno} is unknown: call the function again by its plain name. This is right only for calls
     * whose failure changes nothing, unlike recv(2) and send(2), which clear the socket's error.
     * Saving errno touches memory that a system call has evicted from the caches, which costs 45 to
     * 75 ns.
     */
    public static final String QUICK = "quick_";

    /** A signal interrupted the call; repeat it. */
    public static final int EINTR = number(Errno.EINTR);

    /** The call would block. Same value as EWOULDBLOCK on every supported system. */
    public static final int EAGAIN = number(Errno.EAGAIN);

    /** The number is not an open descriptor. */
    public static final int EBADF = number(Errno.EBADF);

    /** The object already exists. */
    public static final int EEXIST = number(Errno.EEXIST);

    /** The object does not exist. */
    public static final int ENOENT = number(Errno.ENOENT);

    /** The operation is not permitted, or not supported for this kind of file. */
    public static final int EPERM = number(Errno.EPERM);

    /** An argument is invalid for this call or this kind of file. */
    public static final int EINVAL = number(Errno.EINVAL);

    /** The pipe has no reader, or the socket's peer has closed it. */
    public static final int EPIPE = number(Errno.EPIPE);

    /** An I/O error without a more specific code. */
    public static final int EIO = number(Errno.EIO);

    /** The kernel does not implement the call. */
    public static final int ENOSYS = number(Errno.ENOSYS);

    /** The preferred names of numbers that have two names on some systems. */
    private static final List<Errno> PREFERRED =
            List.of(Errno.EAGAIN, Errno.EDEADLK, Errno.EOPNOTSUPP);

    private static final Map<String, Errno> BY_NAME =
            Arrays.stream(Errno.values()).collect(Collectors.toMap(Errno::name, each -> each));

    private static final Runtime RUNTIME = Runtime.getSystemRuntime();

    static {
        // Loads the class now: loading may need a descriptor, and EMFILE means that there is none.
        var unused = Advice.of("", Errno.OTHER);
    }

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
                .mapper(Posix::functionName)
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
        return LibraryLoader.create(calls).mapper(Posix::functionName).load(library.toString());
    }

    private static String functionName(String method, FunctionMapper.Context context) {
        return method.startsWith(QUICK) ? method.substring(QUICK.length()) : method;
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
     * Returns the number of an errno on this system.
     *
     * @param errno any errno except OTHER
     * @return the number; one that no call returns if this system does not have the errno
     */
    public static int number(Errno errno) {
        return jnr.constants.platform.Errno.valueOf(errno.name()).intValue();
    }

    /**
     * Returns the symbolic name of an errno.
     *
     * @param number the number
     * @return its name, such as {@code "EEXIST"}, or {@code "errno 1234"} if it has none
     */
    public static String errnoName(int number) {
        Errno errno = errno(number);
        if (errno != Errno.OTHER) {
            return errno.name();
        }
        return isKnown(number) ? systemErrno(number).name() : "errno " + number;
    }

    private static Errno errno(int number) {
        for (Errno preferred : PREFERRED) {
            if (number(preferred) == number) {
                return preferred;
            }
        }
        String name = systemErrno(number).name();
        return isKnown(number) ? BY_NAME.getOrDefault(name, Errno.OTHER) : Errno.OTHER;
    }

    private static jnr.constants.platform.Errno systemErrno(int number) {
        return jnr.constants.platform.Errno.valueOf(number);
    }

    private static boolean isKnown(int number) {
        jnr.constants.platform.Errno known = systemErrno(number);
        return known.defined() && known != jnr.constants.platform.Errno.__UNKNOWN_CONSTANT__;
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
     * @param number the call's errno
     * @return the exception
     */
    public static PollerException failure(String syscall, String detail, int fd, int number) {
        Errno errno = errno(number);
        String advice = Advice.of(syscall, errno);
        String explanation =
                advice != null
                        ? advice
                        : (errno == Errno.OTHER ? errnoName(number) + ": " : "")
                                + (isKnown(number)
                                        ? systemErrno(number).description()
                                        : "this system has no description of it");
        return new PollerException(syscall, detail, fd, errno, explanation);
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
    public static void requireDescriptor(String syscall, int fd) throws PollerException {
        if (fd < 0) {
            throw failure(syscall, "", fd, EBADF);
        }
    }
}
