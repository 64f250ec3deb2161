package io.uloop.poller.posix.call;

import jnr.ffi.annotations.Variadic;

/**
 * Calls and constants that only Linux has. The constants are the same on all architectures that the
 * JDK supports, unless noted.
 */
public final class Linux {
    public static final boolean HERE = OperatingSystem.HERE.isLinux();

    /** Bound once per process. Calls fail on other systems. */
    public static final Calls CALLS = Posix.bind(Calls.class);

    public static final int F_DUPFD_CLOEXEC = 1030;
    public static final int CLOCK_MONOTONIC = 1;
    public static final long SYS_PIDFD_OPEN = systemCallsFrom(System.getProperty("os.arch")) + 434;

    public static final int MSG_CMSG_CLOEXEC = 0x40000000;
    public static final int SOL_UDP = 17;
    public static final int UDP_SEGMENT = 103;
    public static final int UDP_GRO = 104;

    /** The size of the larger, unpacked struct. */
    public static final int EPOLL_EVENT_BYTES = 16;

    private Linux() {}

    /**
     * Returns the base of an architecture's system call numbers; newer calls have the same offset
     * everywhere.
     */
    static long systemCallsFrom(String architecture) {
        return switch (architecture) {
            case "mips", "mipsel" -> 4000;
            case "mips64", "mips64el" -> 5000;
            default -> 0;
        };
    }

    /** Public only for the stubs. */
    public interface Calls extends EpollCalls {
        int eventfd(int initial, int flags);

        int dup2(int from, int to);

        int pipe2(long ends, int flags);

        int accept4(int fd, long address, long length, int flags);

        long sendfile(int out, int in, long offset, long count);

        int recvmmsg(int fd, long headers, int count, int flags, long timeout);

        int sendmmsg(int fd, long headers, int count, int flags);

        int ptsname_r(int fd, long name, long size);

        int timerfd_create(int clock, int flags);

        int timerfd_settime(int fd, int flags, long value, long former);

        int sched_setaffinity(int thread, long bytes, long mask);

        int sched_getaffinity(int thread, long bytes, long mask);

        int posix_spawnattr_init(long attributes);

        int posix_spawnattr_destroy(long attributes);

        int posix_spawnattr_setflags(long attributes, int flags);

        int posix_spawnattr_setpgroup(long attributes, int group);

        int posix_spawnattr_setsigmask(long attributes, long signals);

        int posix_spawnattr_setsigdefault(long attributes, long signals);

        int posix_spawn_file_actions_init(long actions);

        int posix_spawn_file_actions_destroy(long actions);

        int posix_spawn_file_actions_addopen(long actions, int fd, long path, int flags, int mode);

        int posix_spawn_file_actions_adddup2(long actions, int source, int target);

        int posix_spawn_file_actions_addclose(long actions, int fd);

        /** Exists in glibc since 2.29. */
        int posix_spawn_file_actions_addchdir_np(long actions, long path);

        /** Exists in glibc since 2.34. */
        int posix_spawn_file_actions_addclosefrom_np(long actions, int from);

        int inotify_init1(int flags);

        int inotify_add_watch(int fd, long path, int mask);

        int inotify_rm_watch(int fd, int watch);

        @Variadic(fixedCount = 1)
        long syscall(long number, long first, long second);
    }
}
