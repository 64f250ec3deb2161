package io.uloop.poller.posix.call;

import jnr.ffi.annotations.Variadic;

/** POSIX calls under their names in the manual. Addresses and sizes are {@code long}. */
public final class Libc {
    /** Bound once per process. */
    public static final Calls CALLS = Posix.bind(Calls.class);

    private Libc() {}

    /**
     * Public only for the stubs. Variadic calls are marked for JNR, and named in {@link StubClass},
     * because some ABIs, such as Apple's arm64, pass variadic arguments differently.
     */
    public interface Calls extends PollCalls {
        int getpid();

        int close(int fd);

        long read(int fd, long buffer, long count);

        long write(int fd, long buffer, long count);

        long recv(int fd, long buffer, long count, int flags);

        long send(int fd, long buffer, long count, int flags);

        long readv(int fd, long vectors, int count);

        long writev(int fd, long vectors, int count);

        @Variadic(fixedCount = 2)
        int fcntl(int fd, int command, int argument);

        @Variadic(fixedCount = 2)
        int open(long path, int flags, int mode);

        @Variadic(fixedCount = 2)
        int ioctl(int fd, long request, long argument);

        int fstat(int fd, long status);

        /** The name of fstat in macOS on Intel processors. */
        int fstat$INODE64(int fd, long status);

        /** The name of fstat in glibc before 2.33. */
        int __fxstat(int version, int fd, long status);

        int dup(int fd);

        int pipe(long ends);

        int socket(int domain, int type, int protocol);

        int socketpair(int domain, int type, int protocol, long ends);

        int bind(int fd, long address, int length);

        int listen(int fd, int backlog);

        int accept(int fd, long address, long length);

        int connect(int fd, long address, int length);

        int shutdown(int fd, int how);

        long sendmsg(int fd, long header, int flags);

        long recvmsg(int fd, long header, int flags);

        int getsockname(int fd, long address, long length);

        int getpeername(int fd, long address, long length);

        int getsockopt(int fd, int level, int name, long value, long length);

        int setsockopt(int fd, int level, int name, long value, int length);

        int posix_openpt(int flags);

        int grantpt(int fd);

        int unlockpt(int fd);

        long ptsname(int fd);

        int kill(int pid, int signal);

        int waitpid(int pid, long status, int options);

        int isatty(int fd);

        int tcgetsid(int fd);

        int getsid(int pid);

        int tcgetattr(int fd, long termios);

        int tcsetattr(int fd, int action, long termios);

        void cfmakeraw(long termios);

        long strerror(int errno);

        /** Exists in glibc since 2.32. */
        long strerrorname_np(int errno);

        long calloc(long count, long size);

        void free(long address);
    }
}
