package io.uloop.poller.select;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.IllegalSelectorException;
import java.nio.channels.NoConnectionPendingException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Maps NIO exceptions to the errno that the kernel returned, or would have returned. The JDK
 * preserves it in the exception's type, or otherwise only in the text of strerror(3).
 */
final class ChannelErrors {
    /**
     * Phrases that Linux, macOS and the JDK use for an errno. The first one found in a message
     * wins.
     */
    private static final List<Wording> WORDINGS =
            List.of(
                    new Wording("Address already in use", Errno.EADDRINUSE),
                    new Wording("assign requested address", Errno.EADDRNOTAVAIL),
                    new Wording("Permission denied", Errno.EACCES),
                    new Wording("Operation not permitted", Errno.EPERM),
                    new Wording("Connection refused", Errno.ECONNREFUSED),
                    new Wording("Connection reset", Errno.ECONNRESET),
                    new Wording("connection abort", Errno.ECONNABORTED),
                    new Wording("Broken pipe", Errno.EPIPE),
                    new Wording("timed out", Errno.ETIMEDOUT),
                    new Wording("No route to host", Errno.EHOSTUNREACH),
                    new Wording("Host is down", Errno.EHOSTDOWN),
                    new Wording("Network is unreachable", Errno.ENETUNREACH),
                    new Wording("Network is down", Errno.ENETDOWN),
                    new Wording("open files in system", Errno.ENFILE),
                    new Wording("Too many open files", Errno.EMFILE),
                    new Wording("No buffer space available", Errno.ENOBUFS),
                    new Wording("Cannot allocate memory", Errno.ENOMEM),
                    new Wording("Message too long", Errno.EMSGSIZE),
                    new Wording("Resource temporarily unavailable", Errno.EAGAIN),
                    new Wording("No such file or directory", Errno.ENOENT),
                    new Wording("Not a directory", Errno.ENOTDIR),
                    new Wording("path too long", Errno.ENAMETOOLONG),
                    new Wording("not connected", Errno.ENOTCONN),
                    new Wording("Protocol wrong type for socket", Errno.EPROTOTYPE),
                    new Wording("Protocol not available", Errno.ENOPROTOOPT),
                    new Wording("Address family not supported", Errno.EAFNOSUPPORT),
                    new Wording("to port 0", Errno.EINVAL),
                    new Wording("Invalid argument", Errno.EINVAL));

    private static final Map<Errno, String> ADVICE =
            Map.of(
                    Errno.EBADF,
                    "not open; it was closed, or its connect failed, which closed it",
                    Errno.EMFILE,
                    "this process is out of descriptors; close some or raise ulimit -n",
                    Errno.ENFILE,
                    "the system is out of descriptors; raise fs.file-max",
                    Errno.EADDRINUSE,
                    "address in use; stop the other program or use another port",
                    Errno.EACCES,
                    "permission denied; ports below 1024 need privileges");

    private ChannelErrors() {}

    /** Returns the error for a descriptor that is not open. */
    static PollerException notOpen(String syscall, int fd) {
        return new PollerException(
                syscall, "", fd, Errno.EBADF, "not open; it was closed or never opened");
    }

    /**
     * Returns the error for a NIO exception, which becomes its cause.
     *
     * @param open whether the channel is open. An open channel also throws ClosedChannelException
     *     for a write after its output was shut down
     * @throws RuntimeException the exception itself, if it is not a system error
     */
    static PollerException translate(
            String syscall, String detail, int fd, boolean open, Exception exception) {
        if (exception instanceof PollerException already) {
            return already;
        }
        Errno errno = errno(exception, open);
        if (errno == null) {
            if (exception instanceof RuntimeException mistake) {
                throw mistake;
            }
            errno = Errno.EIO;
        }
        PollerException error =
                new PollerException(syscall, detail, fd, errno, explain(errno, exception));
        error.initCause(exception);
        return error;
    }

    private static @Nullable Errno errno(Exception exception, boolean open) {
        if (exception instanceof ClosedChannelException) {
            return open ? Errno.EPIPE : Errno.EBADF;
        } else if (exception instanceof NotYetConnectedException
                || exception instanceof NoConnectionPendingException) {
            return Errno.ENOTCONN;
        } else if (exception instanceof AlreadyConnectedException) {
            return Errno.EISCONN;
        } else if (exception instanceof ConnectionPendingException) {
            return Errno.EALREADY;
        } else if (exception instanceof AlreadyBoundException
                || exception instanceof NotYetBoundException
                || exception instanceof IllegalBlockingModeException
                || exception instanceof IllegalSelectorException) {
            return Errno.EINVAL;
        } else if (exception instanceof UnsupportedAddressTypeException) {
            return Errno.EAFNOSUPPORT;
        } else if (exception instanceof IOException) {
            return errnoOfMessage(exception);
        }
        return null;
    }

    private static @Nullable Errno errnoOfMessage(Exception exception) {
        String message = Objects.requireNonNullElse(exception.getMessage(), "");
        for (Wording wording : WORDINGS) {
            if (message.contains(wording.words)) {
                return wording.errno;
            }
        }
        if (exception instanceof BindException) {
            return Errno.EADDRINUSE;
        } else if (exception instanceof ConnectException
                || exception instanceof PortUnreachableException) {
            return Errno.ECONNREFUSED;
        } else if (exception instanceof NoRouteToHostException) {
            return Errno.EHOSTUNREACH;
        }
        return null;
    }

    private static String explain(Errno errno, Exception exception) {
        if (exception instanceof IllegalBlockingModeException) {
            return "the channel is blocking; call configureBlocking(false) first";
        }
        String advice = ADVICE.get(errno);
        return advice != null
                ? advice
                : Objects.requireNonNullElse(exception.getMessage(), exception.toString());
    }

    private record Wording(String words, Errno errno) {}
}
