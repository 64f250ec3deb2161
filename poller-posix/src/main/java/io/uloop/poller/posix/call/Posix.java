package io.uloop.poller.posix.call;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Binds C functions to Java interfaces and converts their errors to exceptions. An interface may
 * use only {@code int}, and {@code long} for addresses and sizes, so that each call is direct.
 * Calling a function that the library lacks throws {@link UnsatisfiedLinkError}. Thread-safe.
 */
public final class Posix {
    private static final Binding BINDING = Binding.chosen();
    private static final ErrnoNumbers ERRNOS = new ErrnoNumbers(OperatingSystem.HERE);

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

    /** The errnos by number. Where two have the same, it is the one in {@link #PREFERRED}. */
    private static final Map<Integer, Errno> BY_NUMBER = new HashMap<>();

    private static final Set<Errno> PREFERRED =
            EnumSet.of(Errno.EAGAIN, Errno.EDEADLK, Errno.EOPNOTSUPP);

    /** The longest C string that this class reads. */
    private static final int LONGEST_STRING = 4096;

    static {
        for (Errno errno : Errno.values()) {
            int number = ERRNOS.number(errno);
            if (number != Constant.NONE) {
                BY_NUMBER.merge(number, errno, (a, b) -> PREFERRED.contains(b) ? b : a);
            }
        }
        // Loads the classes now: that may need a descriptor, and EMFILE means that there is none.
        var unused = Advice.of("", Errno.OTHER);
        Messages.load();
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
        return BINDING.bind(calls, null);
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
        return BINDING.bind(calls, library);
    }

    /**
     * Returns the errno of this thread's last failed call. Valid only immediately after a negative
     * result.
     *
     * @return the number, which differs between systems
     */
    public static int errno() {
        return BINDING.errno();
    }

    /**
     * Sets the value that {@link #errno} returns on this thread, for code that simulates a call.
     *
     * @param errno the number
     */
    public static void setErrno(int errno) {
        BINDING.setErrno(errno);
    }

    /**
     * Returns the number of an errno on this system.
     *
     * @param errno any errno except OTHER
     * @return the number; one that no call returns if this system does not have the errno
     */
    public static int number(Errno errno) {
        return ERRNOS.number(errno);
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
        String name = Messages.name(number);
        return name != null ? name : "errno " + number;
    }

    /**
     * Returns the errno with a number on this system.
     *
     * @param number the number
     * @return the errno; OTHER if it has no constant
     */
    public static Errno errno(int number) {
        return BY_NUMBER.getOrDefault(number, Errno.OTHER);
    }

    /**
     * Returns the address of a direct buffer's first byte.
     *
     * @param direct the buffer, which must stay reachable while the address is in use
     * @return the address of index 0
     */
    public static long addressOf(ByteBuffer direct) {
        return BINDING.addressOf(direct);
    }

    /**
     * Returns memory as a buffer.
     *
     * @param address where it starts
     * @param bytes its size
     * @return a buffer that is valid until the memory is freed
     */
    public static ByteBuffer view(long address, int bytes) {
        return BINDING.view(address, bytes);
    }

    /**
     * Reads a C string.
     *
     * @param address where it starts
     * @return its bytes without the NUL
     */
    public static byte[] string(long address) {
        ByteBuffer memory = view(address, LONGEST_STRING);
        int length = 0;
        while (memory.get(length) != 0) {
            length++;
        }
        byte[] bytes = new byte[length];
        memory.get(bytes);
        return bytes;
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
                                + Messages.description(number);
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
