package io.uloop.poller.select;

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
                    new Wording("Address already in use", "EADDRINUSE"),
                    new Wording("assign requested address", "EADDRNOTAVAIL"),
                    new Wording("Permission denied", "EACCES"),
                    new Wording("Operation not permitted", "EPERM"),
                    new Wording("Connection refused", "ECONNREFUSED"),
                    new Wording("Connection reset", "ECONNRESET"),
                    new Wording("connection abort", "ECONNABORTED"),
                    new Wording("Broken pipe", "EPIPE"),
                    new Wording("timed out", "ETIMEDOUT"),
                    new Wording("No route to host", "EHOSTUNREACH"),
                    new Wording("Host is down", "EHOSTDOWN"),
                    new Wording("Network is unreachable", "ENETUNREACH"),
                    new Wording("Network is down", "ENETDOWN"),
                    new Wording("open files in system", "ENFILE"),
                    new Wording("Too many open files", "EMFILE"),
                    new Wording("No buffer space available", "ENOBUFS"),
                    new Wording("Cannot allocate memory", "ENOMEM"),
                    new Wording("Message too long", "EMSGSIZE"),
                    new Wording("Resource temporarily unavailable", "EAGAIN"),
                    new Wording("No such file or directory", "ENOENT"),
                    new Wording("Not a directory", "ENOTDIR"),
                    new Wording("path too long", "ENAMETOOLONG"),
                    new Wording("not connected", "ENOTCONN"),
                    new Wording("Protocol wrong type for socket", "EPROTOTYPE"),
                    new Wording("Protocol not available", "ENOPROTOOPT"),
                    new Wording("Address family not supported", "EAFNOSUPPORT"),
                    new Wording("to port 0", "EINVAL"),
                    new Wording("Invalid argument", "EINVAL"));

    private ChannelErrors() {}

    /** Returns the error for a descriptor that is not open. */
    static PollerException notOpen(String syscall, int fd) {
        return new PollerException(
                syscall, "", fd, "EBADF", "not open; it was closed or never opened");
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
        String errno = errno(exception, open);
        if (errno == null) {
            if (exception instanceof RuntimeException mistake) {
                throw mistake;
            }
            errno = "EIO";
        }
        PollerException error =
                new PollerException(syscall, detail, fd, errno, explain(errno, exception));
        error.initCause(exception);
        return error;
    }

    private static @Nullable String errno(Exception exception, boolean open) {
        if (exception instanceof ClosedChannelException) {
            return open ? "EPIPE" : "EBADF";
        } else if (exception instanceof NotYetConnectedException
                || exception instanceof NoConnectionPendingException) {
            return "ENOTCONN";
        } else if (exception instanceof AlreadyConnectedException) {
            return "EISCONN";
        } else if (exception instanceof ConnectionPendingException) {
            return "EALREADY";
        } else if (exception instanceof AlreadyBoundException
                || exception instanceof NotYetBoundException
                || exception instanceof IllegalBlockingModeException
                || exception instanceof IllegalSelectorException) {
            return "EINVAL";
        } else if (exception instanceof UnsupportedAddressTypeException) {
            return "EAFNOSUPPORT";
        } else if (exception instanceof IOException) {
            return errnoOfMessage(exception);
        }
        return null;
    }

    private static @Nullable String errnoOfMessage(Exception exception) {
        String message = Objects.requireNonNullElse(exception.getMessage(), "");
        for (Wording wording : WORDINGS) {
            if (message.contains(wording.words)) {
                return wording.errno;
            }
        }
        if (exception instanceof BindException) {
            return "EADDRINUSE";
        } else if (exception instanceof ConnectException
                || exception instanceof PortUnreachableException) {
            return "ECONNREFUSED";
        } else if (exception instanceof NoRouteToHostException) {
            return "EHOSTUNREACH";
        }
        return null;
    }

    private static String explain(String errno, Exception exception) {
        if (exception instanceof IllegalBlockingModeException) {
            return "the channel is blocking; call configureBlocking(false) first";
        }
        return switch (errno) {
            case "EBADF" -> "not open; it was closed, or its connect failed, which closed it";
            case "EMFILE" -> "this process is out of descriptors; close some or raise ulimit -n";
            case "ENFILE" -> "the system is out of descriptors; raise fs.file-max";
            case "EADDRINUSE" -> "address in use; stop the other program or use another port";
            case "EACCES" -> "permission denied; ports below 1024 need privileges";
            default -> Objects.requireNonNullElse(exception.getMessage(), exception.toString());
        };
    }

    private record Wording(String words, String errno) {}
}
