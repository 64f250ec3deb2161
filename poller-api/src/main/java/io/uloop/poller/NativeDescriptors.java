package io.uloop.poller;

import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Performs the I/O that requires system calls, and that NIO cannot do. Native backends have it, see
 * {@link #of}. The rules of {@link Descriptors} apply.
 *
 * <p>Thread-safe. Callers must coordinate concurrent calls on the same descriptor.
 *
 * @since 0.1
 */
public interface NativeDescriptors extends Descriptors {
    /**
     * The ends of a pair of connected sockets. Both read and write.
     *
     * @param first a socket
     * @param second its peer
     */
    record SocketPair(int first, int second) {}

    /**
     * The ends of a pseudo-terminal. Both read and write.
     *
     * @param master the end of the program that stands for the terminal's user
     * @param slave the end that other programs see as their terminal
     */
    record Pty(int master, int slave) {}

    /**
     * Returns the native operations of a backend.
     *
     * @param backend a usable backend
     * @return its {@link PollerProvider#descriptors}
     * @throws UnsupportedOperationException if the backend makes no system calls, as select; the
     *     message names it and how to select another one
     */
    static NativeDescriptors of(PollerProvider backend) {
        if (backend.descriptors() instanceof NativeDescriptors descriptors) {
            return descriptors;
        }
        throw new UnsupportedOperationException(
                "the backend "
                        + backend.name()
                        + " cannot make system calls, which this operation needs; use a native"
                        + " backend (-D"
                        + Pollers.PROPERTY
                        + '='
                        + Pollers.NATIVE
                        + ')');
    }

    /**
     * Returns whether I/O on a descriptor blocks. The mode belongs to the open file, so all
     * processes and descriptors that share the file have the same.
     *
     * @param fd an open descriptor
     * @return false if O_NONBLOCK is set
     * @throws PollerException EBADF
     * @see <a href="https://man7.org/linux/man-pages/man2/F_GETFL.2const.html">F_GETFL(2const)</a>
     */
    boolean isBlocking(int fd) throws PollerException;

    /**
     * Sets whether I/O on a descriptor blocks, for all processes and descriptors that share its
     * file.
     *
     * @param fd an open descriptor
     * @param blocking false to set O_NONBLOCK
     * @throws PollerException EBADF
     * @see <a href="https://man7.org/linux/man-pages/man2/F_GETFL.2const.html">F_SETFL(2const)</a>
     */
    void setBlocking(int fd, boolean blocking) throws PollerException;

    /**
     * Sets whether a descriptor is closed in a program that this process executes.
     *
     * @param fd an open descriptor
     * @param close whether to set FD_CLOEXEC
     * @throws PollerException EBADF
     * @see <a href="https://man7.org/linux/man-pages/man2/F_GETFD.2const.html">F_SETFD(2const)</a>
     */
    void setCloseOnExec(int fd, boolean close) throws PollerException;

    /**
     * Opens a pair of connected unix-domain stream sockets.
     *
     * @return its ends
     * @throws PollerException EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/socketpair.2.html">socketpair(2)</a>
     */
    SocketPair socketPair() throws PollerException;

    /**
     * Opens a pair of connected unix-domain datagram sockets.
     *
     * @return its ends
     * @throws PollerException EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/socketpair.2.html">socketpair(2)</a>
     */
    SocketPair datagramPair() throws PollerException;

    /**
     * Returns the credentials of the peer of a unix-domain connection. Both ends of a pair have
     * those of the process that opened it.
     *
     * @param fd a connected unix-domain stream socket, or one end of {@link #datagramPair}
     * @return the peer's credentials
     * @throws PollerException ENOTCONN if the socket is not connected, EOPNOTSUPP if it is of
     *     another family
     * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">SO_PEERCRED in unix(7)</a>
     */
    PeerCredentials peerCredentials(int fd) throws PollerException;

    /**
     * Writes bytes to a unix-domain socket and passes descriptors with the first byte. The receiver
     * gets descriptors of the same open files; the originals stay open. May write fewer bytes than
     * requested, but passes either all descriptors or none.
     *
     * @param fd a unix-domain socket
     * @param source the bytes to write, 1 or more
     * @param descriptors the descriptors to pass, 1 to 253
     * @return the bytes written; if 0, nothing was passed
     * @throws PollerException EBADF if a descriptor is not open, EPIPE, EOPNOTSUPP if the socket is
     *     of another kind, ETOOMANYREFS if too many descriptors are in flight
     * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
     */
    int sendDescriptors(int fd, ByteBuffer source, int... descriptors) throws PollerException;

    /**
     * Reads bytes from a unix-domain socket, together with the descriptors passed with them. {@link
     * #read} would discard the descriptors. They are close-on-exec and owned by the caller. They
     * block or not as the sender's do.
     *
     * @param fd a unix-domain socket
     * @param target the buffer to fill, with room for 1 byte or more
     * @param descriptors receives the descriptors from index 0, followed by {@link #NONE}; its
     *     length is 1 to 253
     * @return the bytes read
     * @throws PollerException EMSGSIZE if more descriptors arrived than fit in the array or than
     *     this process may open, in which case the bytes are read and all descriptors are closed;
     *     ECONNRESET and so on
     * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
     */
    int receiveDescriptors(int fd, ByteBuffer target, int[] descriptors) throws PollerException;

    /**
     * Sets a socket option by its numbers, for options that {@link #setOption(int, SocketOption,
     * Object)} does not know. The numbers and encodings differ between systems.
     *
     * @param fd a socket
     * @param level the level, such as SOL_SOCKET
     * @param name the number of the option
     * @param value the remaining bytes are the value in C; its position does not change
     * @throws IllegalArgumentException if the value turns on an SO_LINGER above 0, for which {@link
     *     #close} would block
     * @throws PollerException ENOPROTOOPT if the socket does not have the option; EINVAL, EPERM
     * @see <a href="https://man7.org/linux/man-pages/man2/setsockopt.2.html">setsockopt(2)</a>
     */
    void setOption(int fd, int level, int name, ByteBuffer value) throws PollerException;

    /**
     * Sets a socket option of type int by its numbers.
     *
     * @param fd a socket
     * @param level the level, such as SOL_SOCKET
     * @param name the number of the option
     * @param value the value
     * @throws PollerException as {@link #setOption(int, int, int, ByteBuffer)}
     */
    default void setOption(int fd, int level, int name, int value) throws PollerException {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
        setOption(fd, level, name, bytes.putInt(0, value));
    }

    /**
     * Reads a socket option by its numbers.
     *
     * @param fd a socket
     * @param level the level, such as SOL_SOCKET
     * @param name the number of the option
     * @param target receives the value in C; its position advances by the length of the value
     * @return the length of the value in bytes, as far as it fits
     * @throws PollerException ENOPROTOOPT if the socket does not have the option; EINVAL
     * @see <a href="https://man7.org/linux/man-pages/man2/getsockopt.2.html">getsockopt(2)</a>
     */
    int option(int fd, int level, int name, ByteBuffer target) throws PollerException;

    /**
     * Reads a socket option of type int by its numbers.
     *
     * @param fd a socket
     * @param level the level, such as SOL_SOCKET
     * @param name the number of the option
     * @return the value, also of an option that the system returns as one byte
     * @throws PollerException as {@link #option(int, int, int, ByteBuffer)}
     */
    default int option(int fd, int level, int name) throws PollerException {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
        return option(fd, level, name, bytes) == Byte.BYTES ? bytes.get(0) & 0xff : bytes.getInt(0);
    }

    /**
     * Takes the pending error of a socket (SO_ERROR), which the next call would otherwise report.
     *
     * @param fd a socket
     * @return the error; null if there is none
     * @throws PollerException EBADF, ENOTSOCK
     * @see <a href="https://man7.org/linux/man-pages/man7/socket.7.html">socket(7)</a>
     */
    @Nullable PollerException takeError(int fd) throws PollerException;

    /**
     * Reads bytes of a socket and leaves them there for the next read. Not a call that makes
     * progress, see {@link #activity}.
     *
     * @param fd a socket
     * @param target the buffer to fill
     * @return the bytes read; 0 also if the buffer is full; -1 at the end of a stream
     * @throws PollerException ECONNRESET and so on; ENOTSOCK
     * @see <a href="https://man7.org/linux/man-pages/man2/recv.2.html">MSG_PEEK in recv(2)</a>
     */
    int peek(int fd, ByteBuffer target) throws PollerException;

    /**
     * Writes bytes to a socket as a part of what the next call writes, so that TCP does not send a
     * segment that is not full. It does so after 200 ms at the latest. Requires Linux.
     *
     * @param fd a stream socket; on UDP, the datagram ends with the next call that writes
     * @param source the bytes to write
     * @return the bytes written; 0 also if the buffer is empty
     * @throws PollerException EPIPE, ECONNRESET and so on; ENOTSOCK
     * @see <a href="https://man7.org/linux/man-pages/man2/send.2.html">MSG_MORE in send(2)</a>
     */
    int writeMore(int fd, ByteBuffer source) throws PollerException;

    /**
     * Sends an urgent byte. The peer's pollers report PRI.
     *
     * @param fd a connected TCP socket
     * @param value the byte
     * @return false if it would block
     * @throws PollerException EPIPE, ECONNRESET and so on; EOPNOTSUPP if the socket has no urgent
     *     data
     * @see <a href="https://man7.org/linux/man-pages/man7/tcp.7.html">tcp(7)</a>
     */
    boolean sendUrgent(int fd, byte value) throws PollerException;

    /**
     * Receives an urgent byte, unless {@link KernelSocketOptions#SO_OOBINLINE} is on.
     *
     * @param fd a TCP socket
     * @return the byte, 0 to 255; {@link #NONE} if none has arrived
     * @throws PollerException EOPNOTSUPP if the socket has no urgent data; ECONNRESET and so on
     * @see <a href="https://man7.org/linux/man-pages/man7/tcp.7.html">tcp(7)</a>
     */
    int receiveUrgent(int fd) throws PollerException;

    /**
     * Receives one datagram with its details, without allocating. Bytes that do not fit in the
     * buffer are discarded.
     *
     * @param fd a datagram socket
     * @param target the buffer to fill
     * @param info set to the details that the socket's options ask for
     * @return the bytes received, 0 for an empty datagram, or {@link #NONE}
     * @throws PollerException ECONNREFUSED if the peer refused an earlier datagram
     * @see <a href="https://man7.org/linux/man-pages/man2/recvmsg.2.html">recvmsg(2)</a>
     */
    int receive(int fd, ByteBuffer target, DatagramInfo info) throws PollerException;

    /**
     * Sends the remaining bytes of a buffer as one datagram from a given address, without
     * allocating.
     *
     * @param fd an INET or INET6 datagram socket
     * @param source the bytes to send; either all are consumed or none
     * @param info the receiver and, if set, the source address and the interface
     * @return the bytes sent; 0 also for an empty datagram
     * @throws PollerException EINVAL or ENETUNREACH if this machine does not have the source
     *     address; EMSGSIZE, ECONNREFUSED; without a receiver EDESTADDRREQ
     * @throws UnsupportedOperationException if the system does not let a sender choose
     * @see <a href="https://man7.org/linux/man-pages/man7/ip.7.html">IP_PKTINFO in ip(7)</a>
     */
    int send(int fd, ByteBuffer source, DatagramInfo info) throws PollerException;

    /**
     * Takes one error from the queue of {@link KernelSocketOptions#IP_RECVERR}, without allocating.
     * Pollers report a queue that is not empty by ERR. Requires Linux.
     *
     * @param fd an INET or INET6 datagram socket
     * @param target receives the first bytes of the datagram that caused the error
     * @param error set to the error
     * @return the bytes received, or {@link #NONE} if the queue is empty
     * @throws PollerException EBADF, ENOTSOCK
     * @see <a href="https://man7.org/linux/man-pages/man7/ip.7.html">IP_RECVERR in ip(7)</a>
     */
    int receiveError(int fd, ByteBuffer target, DatagramError error) throws PollerException;

    /**
     * Opens a file, FIFO or device without blocking.
     *
     * @param path the path to open
     * @param options READ, WRITE, APPEND, CREATE, CREATE_NEW, TRUNCATE_EXISTING of {@link
     *     java.nio.file.StandardOpenOption}; READ if empty
     * @return the new descriptor
     * @throws PollerException ENOENT, EACCES, EMFILE; ENXIO for the write end of a FIFO without a
     *     reader
     * @see <a href="https://man7.org/linux/man-pages/man2/open.2.html">open(2)</a>
     */
    int open(Path path, OpenOption... options) throws PollerException;

    /**
     * Duplicates a descriptor. Both refer to the same open file.
     *
     * @param fd an open descriptor
     * @return the new descriptor
     * @throws PollerException EMFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/dup.2.html">dup(2)</a>
     */
    int dup(int fd) throws PollerException;

    /**
     * Opens a pseudo-terminal in raw mode.
     *
     * @return its ends
     * @throws PollerException EMFILE, ENOSPC if the system has no free pseudo-terminal
     * @see <a href="https://man7.org/linux/man-pages/man7/pty.7.html">pty(7)</a>
     */
    Pty pty() throws PollerException;

    /**
     * Returns the path of a pseudo-terminal's slave, for other programs to open.
     *
     * @param master the master of {@link #pty}
     * @return the slave's path, such as {@code /dev/pts/7}
     * @throws PollerException ENOTTY if the descriptor is not a master
     * @see <a href="https://man7.org/linux/man-pages/man3/ptsname.3.html">ptsname(3)</a>
     */
    Path ptsname(int master) throws PollerException;

    /**
     * Opens an event counter. Writing 8 bytes adds to the counter; reading 8 bytes returns its
     * value and resets it. Requires Linux.
     *
     * @param initial the initial value, 0 or more
     * @return the counter's descriptor
     * @throws PollerException EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/eventfd.2.html">eventfd(2)</a>
     */
    int eventfd(int initial) throws PollerException;

    /**
     * Opens a disarmed timer on the monotonic clock. Reading 8 bytes returns the number of
     * expirations. Requires Linux.
     *
     * @return the timer's descriptor
     * @throws PollerException EMFILE, ENFILE
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/timerfd_create.2.html">timerfd_create(2)</a>
     */
    int timerfd() throws PollerException;

    /**
     * Arms or disarms a timer opened by {@link #timerfd}.
     *
     * @param fd the timer
     * @param initialNanos the time until the first expiration in nanoseconds; 0 disarms the timer
     * @param intervalNanos the time between later expirations in nanoseconds; 0 for a one-shot
     *     timer
     * @throws PollerException EINVAL if the descriptor is not a timer or a time is negative
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/timerfd_settime.2.html">timerfd_settime(2)</a>
     */
    void setTimer(int fd, long initialNanos, long intervalNanos) throws PollerException;

    /**
     * Opens an inotify instance that watches files and directories. Requires Linux.
     *
     * @return the instance's descriptor
     * @throws PollerException EMFILE
     * @see <a href="https://man7.org/linux/man-pages/man7/inotify.7.html">inotify(7)</a>
     */
    int inotify() throws PollerException;

    /**
     * Adds a path to an inotify instance, or changes the mask of a path that is already watched.
     *
     * @param fd an instance opened by {@link #inotify}
     * @param path the path to watch
     * @param mask the IN_ bits of inotify(7)
     * @return the watch descriptor that identifies the path's events
     * @throws PollerException ENOENT, EACCES, ENOSPC if the user's limit of watches is reached
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/inotify_add_watch.2.html">inotify_add_watch(2)</a>
     */
    int watch(int fd, Path path, int mask) throws PollerException;

    /**
     * Removes a path from an inotify instance. An IN_IGNORED event follows the events already
     * queued.
     *
     * @param fd an instance opened by {@link #inotify}
     * @param watch the watch descriptor returned by {@link #watch}
     * @throws PollerException EINVAL if the instance does not have the watch, for example because
     *     the kernel dropped it when its file was deleted
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/inotify_rm_watch.2.html">inotify_rm_watch(2)</a>
     */
    void unwatch(int fd, int watch) throws PollerException;

    /**
     * Opens a process. The descriptor becomes readable when the process exits; use it only with
     * pollers and {@link #close}. Requires a native backend: Linux 5.3 or newer, or kqueue, whose
     * descriptor is not inherited by child processes.
     *
     * @param pid the process ID
     * @return the process's descriptor
     * @throws PollerException ESRCH if the process does not exist. On kqueue this includes a
     *     process that has already exited, even if it exited after the caller checked. ENOSYS
     *     before Linux 5.3
     * @see <a href="https://man7.org/linux/man-pages/man2/pidfd_open.2.html">pidfd_open(2)</a>
     * @see <a href="https://man.freebsd.org/cgi/man.cgi?kqueue(2)">kqueue(2), EVFILT_PROC</a>
     */
    int pidfd(long pid) throws PollerException;

    /** {@return the operations on terminals and serial lines of the same backend} */
    NativeTerminals terminals();

    /** {@return the operations on threads and processes of the same backend} */
    NativeProcesses processes();
}
