package io.uloop.poller.posix.call;

import io.uloop.poller.Errno;
import org.jspecify.annotations.Nullable;

/** Explains the errnos whose remedy is known. Thread-safe. */
final class Advice {
    private Advice() {}

    /** Returns what to do about an errno of a call; null if the system's description must do. */
    static @Nullable String of(String syscall, Errno errno) {
        return switch (errno) {
            case EBADF -> ofBadDescriptor(syscall);
            case EMFILE ->
                    syscall.equals("inotify_init1")
                            ? "out of file descriptors or inotify instances; raise ulimit -n or"
                                    + " fs.inotify.max_user_instances"
                            : "this process is out of file descriptors; close some or raise"
                                    + " ulimit -n";
            case ENFILE -> "the system is out of file descriptors; raise fs.file-max";
            case ENOMEM -> "the kernel is out of memory";
            case ENOSPC -> ofLimit(syscall);
            case EADDRINUSE -> "the address is in use; stop the other program or use another port";
            case EACCES ->
                    syscall.equals("bind")
                            ? "permission denied; ports below 1024 need privileges"
                            : null;
            case EAGAIN ->
                    syscall.equals("connect")
                            ? "the listener's backlog is full, or all local ports are in use; try"
                                    + " again later"
                            : null;
            case ENXIO ->
                    syscall.equals("open")
                            ? "this FIFO has no reader (start its reader first), or the device"
                                    + " does not exist"
                            : null;
            case EPERM -> ofUnpollable(syscall);
            default -> null;
        };
    }

    private static String ofBadDescriptor(String syscall) {
        return switch (syscall) {
            case "read", "readv" -> "not an open descriptor, or open only for writing";
            case "write", "writev" -> "not an open descriptor, or open only for reading";
            default -> "not an open descriptor; it was closed or never opened";
        };
    }

    private static @Nullable String ofLimit(String syscall) {
        return switch (syscall) {
            case "epoll_ctl" ->
                    "the limit on epoll registrations is reached; raise fs.epoll.max_user_watches";
            case "inotify_add_watch" ->
                    "the limit on inotify watches is reached; raise fs.inotify.max_user_watches";
            case "posix_openpt" -> "no pseudo-terminals are left; raise kernel.pty.max";
            default -> null;
        };
    }

    private static @Nullable String ofUnpollable(String syscall) {
        return switch (syscall) {
            case "epoll_ctl", "kevent", "poll" ->
                    "this kind of file cannot be polled; regular files are always ready";
            default -> null;
        };
    }
}
