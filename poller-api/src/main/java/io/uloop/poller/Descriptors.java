package io.uloop.poller;

import io.uloop.poller.spi.SingleDatagrams;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Performs non-blocking I/O on the file descriptors of one backend, so that the same code runs on
 * every backend. Every descriptor opened here is non-blocking and close-on-exec.
 *
 * <p>Results follow {@code java.nio}: a byte count, 0 for "would block" and -1 for end of stream.
 * The buffer's position advances by the bytes transferred. A stream operation transfers less than
 * requested only if the kernel does. Datagrams and other messages are never split. EINTR is retried
 * and never surfaces.
 *
 * <p>Direct buffers go to the kernel without a copy. Heap buffers are copied; a large one may take
 * several calls on a stream. Buffers over a {@code MemorySegment} of a closeable arena are copied
 * as well. Before any bytes are transferred, the call throws {@link IllegalStateException} if the
 * arena is closed, or {@code WrongThreadException} if it belongs to another thread. If another
 * thread closes the arena during a read, the call throws and the bytes read are lost.
 *
 * <p>An array of buffers may contain the same buffer twice. Each occurrence transfers the bytes
 * from the position that the buffer had before the call.
 *
 * <p>Thread-safe. Callers must coordinate concurrent calls on the same descriptor.
 *
 * <p>A failed call throws {@link PollerException} with the errno's name, EBADF if the descriptor is
 * not open. A call that the platform does not support throws {@link UnsupportedOperationException}.
 */
public interface Descriptors {
    /** The result of {@link #accept} when no connection is pending. */
    int NONE = -1;

    /**
     * Returns the descriptor by which this backend knows a JDK channel. The channel still owns it:
     * close the channel, not the descriptor.
     *
     * @param channel an open JDK channel
     * @return the channel's descriptor
     * @throws UnsupportedOperationException if the JVM hides the descriptor; the message names the
     *     option that exposes it
     * @throws IOException EBADF if the channel is closed
     */
    int fileno(SelectableChannel channel) throws IOException;

    /**
     * Opens a stream socket for listening.
     *
     * @param family INET, INET6 or UNIX of {@link java.net.StandardProtocolFamily}
     * @return the socket's descriptor
     * @throws IOException EMFILE, ENFILE, EAFNOSUPPORT
     */
    int openListener(ProtocolFamily family) throws IOException;

    /**
     * Opens a stream socket for connecting.
     *
     * @param family INET, INET6 or UNIX of {@link java.net.StandardProtocolFamily}
     * @return the socket's descriptor
     * @throws IOException EMFILE, ENFILE, EAFNOSUPPORT
     */
    int openStream(ProtocolFamily family) throws IOException;

    /**
     * Opens a datagram socket.
     *
     * @param family INET, INET6 or, on native backends, UNIX of {@link
     *     java.net.StandardProtocolFamily}
     * @return the socket's descriptor
     * @throws IOException EMFILE, ENFILE, EAFNOSUPPORT
     */
    int openDatagram(ProtocolFamily family) throws IOException;

    /**
     * Binds a stream or datagram socket to a local address.
     *
     * @param fd a socket opened by {@link #openStream} or {@link #openDatagram}
     * @param local an {@link java.net.InetSocketAddress}, with port 0 for any free port, a {@link
     *     java.net.UnixDomainSocketAddress} or, on native backends, a {@link UnixAddress}
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL if already bound
     * @see <a href="https://man7.org/linux/man-pages/man2/bind.2.html">bind(2)</a>
     */
    void bind(int fd, SocketAddress local) throws IOException;

    /**
     * Binds a listener and starts listening. This is a single step because NIO cannot separate the
     * two.
     *
     * @param fd a socket opened by {@link #openListener}
     * @param local the address to listen on; port 0 for any free port
     * @param backlog the maximum number of pending connections, 1 or more; the kernel may cap it
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL if already bound
     * @see <a href="https://man7.org/linux/man-pages/man2/listen.2.html">listen(2)</a>
     */
    void listen(int fd, SocketAddress local, int backlog) throws IOException;

    /**
     * Accepts one pending connection.
     *
     * @param fd a listening socket
     * @return the connection's descriptor, or {@link #NONE} if no connection is pending
     * @throws IOException EMFILE, ENFILE, ECONNABORTED, EINVAL if not listening
     * @see <a href="https://man7.org/linux/man-pages/man2/accept.2.html">accept(2)</a>
     */
    int accept(int fd) throws IOException;

    /**
     * Connects a stream socket, or sets the peer of a datagram socket.
     *
     * @param fd a socket opened by {@link #openStream} or {@link #openDatagram}
     * @param remote the peer's address
     * @return true if connected at once; false if the connect is in progress, so wait for OUT and
     *     call {@link #finishConnect}
     * @throws IOException ECONNREFUSED, ENETUNREACH, EISCONN, EALREADY, ENOENT if the path does not
     *     exist
     * @see <a href="https://man7.org/linux/man-pages/man2/connect.2.html">connect(2)</a>
     */
    boolean connect(int fd, SocketAddress remote) throws IOException;

    /**
     * Checks the outcome of a connect in progress.
     *
     * @param fd a stream socket
     * @return true if connected; false if still in progress
     * @throws IOException ECONNREFUSED, ETIMEDOUT and so on if the connect failed; ENOTCONN if none
     *     was started
     */
    boolean finishConnect(int fd) throws IOException;

    /**
     * Reads bytes into a buffer.
     *
     * @param fd any readable descriptor
     * @param target the buffer to fill
     * @return the bytes read; 0 if the read would block or the buffer is full; -1 at end of stream
     * @throws IOException ECONNRESET, EIO, EISDIR and so on
     * @see <a href="https://man7.org/linux/man-pages/man2/read.2.html">read(2)</a>
     */
    int read(int fd, ByteBuffer target) throws IOException;

    /**
     * Reads bytes into several buffers with one call.
     *
     * @param fd any readable descriptor
     * @param targets the buffers to fill, in order
     * @param offset the index of the first buffer to use
     * @param length the number of buffers to use
     * @return the bytes read; 0 if the read would block or the buffers are full; -1 at end of
     *     stream
     * @throws IOException as {@link #read(int, ByteBuffer)}
     * @see <a href="https://man7.org/linux/man-pages/man2/readv.2.html">readv(2)</a>
     */
    long read(int fd, ByteBuffer[] targets, int offset, int length) throws IOException;

    /**
     * Writes bytes from a buffer. May write fewer than requested.
     *
     * @param fd any writable descriptor
     * @param source the bytes to write
     * @return the bytes written; 0 if the write would block or the buffer is empty
     * @throws IOException EPIPE, ECONNRESET, ENOSPC and so on
     * @see <a href="https://man7.org/linux/man-pages/man2/write.2.html">write(2)</a>
     */
    int write(int fd, ByteBuffer source) throws IOException;

    /**
     * Writes bytes from several buffers with one call. May write fewer than requested.
     *
     * @param fd any writable descriptor
     * @param sources the bytes to write, in order
     * @param offset the index of the first buffer to use
     * @param length the number of buffers to use
     * @return the bytes written; 0 if the write would block or the buffers are empty
     * @throws IOException as {@link #write(int, ByteBuffer)}
     * @see <a href="https://man7.org/linux/man-pages/man2/writev.2.html">writev(2)</a>
     */
    long write(int fd, ByteBuffer[] sources, int offset, int length) throws IOException;

    /**
     * Writes bytes of a file with one call. May write fewer than requested. The bytes do not leave
     * the kernel on NIO, or on Linux if the JVM exposes the file's descriptor. To expose it, start
     * the JVM with {@code --add-opens java.base/sun.nio.ch=io.uloop.poller.posix}, or {@code
     * =ALL-UNNAMED} on the class path. Otherwise the bytes are copied.
     *
     * @param source a file open for reading, which must stay open during the call. Its position
     *     does not change. If an interrupted thread reads the file, the JDK closes it, and with NIO
     *     the socket too
     * @param position the position in the file of the first byte, 0 or more
     * @param count the maximum number of bytes to write, 0 or more
     * @param fd any writable descriptor
     * @return the bytes written; 0 if the write would block or the count is 0; -1 if the position
     *     is at or beyond the end of the file
     * @throws IOException EPIPE, ECONNRESET and so on; EIO if the file cannot be read; {@link
     *     java.nio.channels.ClosedChannelException} if it is closed
     * @throws java.nio.channels.NonReadableChannelException if the file is not open for reading
     * @throws IllegalArgumentException if the position or the count is negative
     * @see <a href="https://man7.org/linux/man-pages/man2/sendfile.2.html">sendfile(2)</a>
     */
    long transfer(FileChannel source, long position, long count, int fd) throws IOException;

    /**
     * Receives one datagram. Bytes that do not fit in the buffer are discarded.
     *
     * @param fd a datagram socket
     * @param target the buffer to fill
     * @return the sender; null if no datagram is pending
     * @throws IOException ECONNREFUSED if the peer refused an earlier datagram
     * @see <a href="https://man7.org/linux/man-pages/man2/recvfrom.2.html">recvfrom(2)</a>
     */
    @Nullable SocketAddress receive(int fd, ByteBuffer target) throws IOException;

    /**
     * Sends the remaining bytes of a buffer as one datagram.
     *
     * @param fd a datagram socket
     * @param source the bytes to send; either all are consumed or none
     * @param target the receiver
     * @return the bytes sent; 0 if the send would block, and for an empty datagram
     * @throws IOException EMSGSIZE, ECONNREFUSED, ENETUNREACH
     * @see <a href="https://man7.org/linux/man-pages/man2/sendto.2.html">sendto(2)</a>
     */
    int send(int fd, ByteBuffer source, SocketAddress target) throws IOException;

    /**
     * Receives one datagram without allocating. Bytes that do not fit in the buffer are discarded.
     *
     * @param fd a datagram socket
     * @param target the buffer to fill
     * @param sender set to the sender's address; with NIO this allocates an object
     * @return the bytes received, 0 for an empty datagram; {@link #NONE} if no datagram is pending
     * @throws IOException ECONNREFUSED if the peer refused an earlier datagram
     * @see <a href="https://man7.org/linux/man-pages/man2/recvfrom.2.html">recvfrom(2)</a>
     */
    default int receive(int fd, ByteBuffer target, DatagramAddress sender) throws IOException {
        int start = target.position();
        SocketAddress from = receive(fd, target);
        if (from == null) {
            return NONE;
        }
        sender.set(from);
        return target.position() - start;
    }

    /**
     * Sends the remaining bytes of a buffer as one datagram without allocating. NIO does not send
     * empty datagrams on a connected socket.
     *
     * @param fd a datagram socket
     * @param source the bytes to send; either all are consumed or none
     * @param target the receiver; an unset address stands for the peer of a connected socket
     * @return the bytes sent; 0 if the send would block, and for an empty datagram
     * @throws IOException EMSGSIZE, ECONNREFUSED, ENETUNREACH; without a receiver EDESTADDRREQ, or
     *     ENOTCONN on a unix-domain socket
     * @see <a href="https://man7.org/linux/man-pages/man2/sendto.2.html">sendto(2)</a>
     */
    default int send(int fd, ByteBuffer source, DatagramAddress target) throws IOException {
        SocketAddress address = target.toSocketAddress();
        return address == null ? write(fd, source) : send(fd, source, address);
    }

    /**
     * Receives pending datagrams, up to the batch's capacity. Linux receives them with one call;
     * other systems need one call per datagram. Bytes that do not fit in a slot are discarded. An
     * error after the first datagram ends the batch. On Linux the next call reports that error.
     *
     * @param fd a datagram socket
     * @param batch receives the datagrams in its first slots; the contents of the other slots are
     *     unspecified
     * @return the number of slots filled; 0 if no datagram is pending
     * @throws IOException ECONNREFUSED if the peer refused an earlier datagram
     * @see <a href="https://man7.org/linux/man-pages/man2/recvmmsg.2.html">recvmmsg(2)</a>
     */
    default int receive(int fd, DatagramBatch batch) throws IOException {
        return SingleDatagrams.receive(this, fd, batch);
    }

    /**
     * Sends slots of a batch in order. Linux sends them with one call; other systems need one call
     * per datagram. May send fewer slots than requested, for example because one failed. The next
     * call that starts at the failed slot reports the error. The position of a sent slot is at its
     * limit. The position of a partly sent slot of segmented datagrams is behind the segments that
     * were sent.
     *
     * @param fd a datagram socket
     * @param batch the datagrams to send
     * @param from the index of the first slot, 0 or more
     * @param count the number of slots
     * @return the number of slots sent completely; 0 if the send would block
     * @throws IOException EMSGSIZE, ECONNREFUSED, ENETUNREACH and so on for the first slot
     * @throws IndexOutOfBoundsException if the range exceeds the batch
     * @see <a href="https://man7.org/linux/man-pages/man2/sendmmsg.2.html">sendmmsg(2)</a>
     */
    default int send(int fd, DatagramBatch batch, int from, int count) throws IOException {
        return SingleDatagrams.send(this, fd, batch, from, count);
    }

    /**
     * Shuts down the input of a stream socket.
     *
     * @param fd a connected stream socket
     * @throws IOException ENOTCONN
     * @see <a href="https://man7.org/linux/man-pages/man2/shutdown.2.html">shutdown(2)</a>
     */
    void shutdownInput(int fd) throws IOException;

    /**
     * Shuts down the output of a stream socket. The peer then reads end of stream.
     *
     * @param fd a connected stream socket
     * @throws IOException ENOTCONN
     * @see <a href="https://man7.org/linux/man-pages/man2/shutdown.2.html">shutdown(2)</a>
     */
    void shutdownOutput(int fd) throws IOException;

    /**
     * Closes a descriptor. Remove it from its pollers first. A poller in which it is still
     * registered drops the registration and never reports events of another file that reuses the
     * number.
     *
     * @param fd an open descriptor
     * @throws IOException EBADF if the descriptor is not open; EIO if the kernel failed to write
     *     buffered data, in which case the descriptor is closed anyway
     * @see <a href="https://man7.org/linux/man-pages/man2/close.2.html">close(2)</a>
     */
    void close(int fd) throws IOException;

    /**
     * Returns how many calls on a descriptor have made progress since the process started. A call
     * makes progress if it receives or sends bytes or a datagram, or accepts a connection. End of
     * stream, "would block" and failures do not count. A handler that is called repeatedly while
     * this count does not change is spinning.
     *
     * <p>The count wraps. It belongs to the number, not to the open file. Two threads that use one
     * descriptor at once may lose a call. With NIO an empty datagram counts only when it is
     * received.
     *
     * @param fd any number
     * @return the count, 0 or more, to compare with an earlier one; 0 if the number was never used;
     *     -1 if the backend does not count
     */
    default int activity(int fd) {
        return -1;
    }

    /**
     * Sets a socket option.
     *
     * @param <T> the option's type
     * @param fd a socket
     * @param option an option of {@link java.net.StandardSocketOptions} or {@link
     *     KernelSocketOptions}, or TCP_QUICKACK, TCP_KEEPIDLE, TCP_KEEPINTERVAL or TCP_KEEPCOUNT of
     *     {@code jdk.net.ExtendedSocketOptions}
     * @param value the new value
     * @throws UnsupportedOperationException if the socket does not have the option on this
     *     platform; the message names both
     * @throws IllegalArgumentException if the value is null, has the wrong type or is out of range.
     *     An SO_LINGER above 0 is out of range, because {@link #close} would block for that time
     *     even on a non-blocking socket
     * @throws IOException EINVAL if the kernel rejects the value
     * @see <a href="https://man7.org/linux/man-pages/man2/setsockopt.2.html">setsockopt(2)</a>
     */
    <T> void setOption(int fd, SocketOption<T> option, T value) throws IOException;

    /**
     * Returns the value of a socket option.
     *
     * @param <T> the option's type
     * @param fd a socket
     * @param option as for {@link #setOption}
     * @return the value; null if the option has no value. An SO_LINGER that is off is -1
     * @throws UnsupportedOperationException if the socket does not have the option
     * @throws IOException EINVAL
     * @see <a href="https://man7.org/linux/man-pages/man2/getsockopt.2.html">getsockopt(2)</a>
     */
    <T> @Nullable T option(int fd, SocketOption<T> option) throws IOException;

    /**
     * Returns the options that a socket supports. Costs one system call per option, so do not call
     * it for every socket. Sockets of one kind have the same options.
     *
     * @param fd a socket, preferably a new one: some systems report nothing for a socket that was
     *     reset
     * @return an unmodifiable set of the options that {@link #setOption} and {@link #option} accept
     *     here and that are meaningful for this kind of socket
     * @throws IOException ENOTSOCK
     */
    Set<SocketOption<?>> supportedOptions(int fd) throws IOException;

    /**
     * Returns the address to which a socket is bound.
     *
     * @param fd a socket
     * @return the local address; null if the socket is not bound. With NIO also null during a
     *     connect that a poller watches or that the peer has not answered yet
     * @throws IOException ENOTSOCK
     */
    @Nullable SocketAddress localAddress(int fd) throws IOException;

    /**
     * Returns the address to which a socket is connected.
     *
     * @param fd a socket
     * @return the remote address; null if the socket is not connected
     * @throws IOException ENOTSOCK
     */
    @Nullable SocketAddress remoteAddress(int fd) throws IOException;

    /**
     * Opens a pipe.
     *
     * @return the read end and the write end
     * @throws IOException EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/pipe.2.html">pipe(2)</a>
     */
    int[] pipe() throws IOException;

    /**
     * Opens a pair of connected unix-domain stream sockets. Requires a native backend.
     *
     * @return the two ends
     * @throws IOException EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/socketpair.2.html">socketpair(2)</a>
     */
    default int[] socketPair() throws IOException {
        throw unsupported("socketpair");
    }

    /**
     * Writes bytes to a unix-domain socket and passes descriptors with the first byte. The receiver
     * gets descriptors of the same open files; the originals stay open. May write fewer bytes than
     * requested, but passes either all descriptors or none. Requires a native backend.
     *
     * @param fd a unix-domain socket
     * @param source the bytes to write, 1 or more
     * @param descriptors the descriptors to pass, 1 to 253
     * @return the bytes written; 0 if the write would block and nothing was passed
     * @throws IOException EBADF if a descriptor is not open, EPIPE, EOPNOTSUPP if the socket is of
     *     another kind, ETOOMANYREFS if too many descriptors are in flight
     * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
     */
    default int sendDescriptors(int fd, ByteBuffer source, int... descriptors) throws IOException {
        throw unsupported("descriptor passing");
    }

    /**
     * Reads bytes from a unix-domain socket, together with the descriptors passed with them. {@link
     * #read} would discard the descriptors. They are close-on-exec and owned by the caller. They
     * block or not as the sender's do. Requires a native backend.
     *
     * @param fd a unix-domain socket
     * @param target the buffer to fill, with room for 1 byte or more
     * @param descriptors receives the descriptors from index 0, followed by {@link #NONE}; its
     *     length is 1 to 253
     * @return the bytes read; 0 if the read would block; -1 at end of stream
     * @throws IOException EMSGSIZE if more descriptors arrived than fit in the array or than this
     *     process may open, in which case the bytes are read and all descriptors are closed;
     *     ECONNRESET and so on
     * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
     */
    default int receiveDescriptors(int fd, ByteBuffer target, int[] descriptors)
            throws IOException {
        throw unsupported("descriptor passing");
    }

    /**
     * Opens a file, FIFO or device without blocking. Requires a native backend.
     *
     * @param path the path to open
     * @param options READ, WRITE, APPEND, CREATE, CREATE_NEW, TRUNCATE_EXISTING of {@link
     *     java.nio.file.StandardOpenOption}; READ if empty
     * @return the new descriptor
     * @throws IOException ENOENT, EACCES, EMFILE; ENXIO for the write end of a FIFO without a
     *     reader
     * @see <a href="https://man7.org/linux/man-pages/man2/open.2.html">open(2)</a>
     */
    default int open(Path path, OpenOption... options) throws IOException {
        throw unsupported("open");
    }

    /**
     * Duplicates a descriptor. Both refer to the same open file. Requires a native backend.
     *
     * @param fd an open descriptor
     * @return the new descriptor
     * @throws IOException EMFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/dup.2.html">dup(2)</a>
     */
    default int dup(int fd) throws IOException {
        throw unsupported("dup");
    }

    /**
     * Opens a pseudo-terminal in raw mode. Requires a native backend.
     *
     * @return the master and the slave
     * @throws IOException EMFILE, ENOSPC if the system has no free pseudo-terminal
     * @see <a href="https://man7.org/linux/man-pages/man7/pty.7.html">pty(7)</a>
     */
    default int[] pty() throws IOException {
        throw unsupported("pty");
    }

    /**
     * Returns the path of a pseudo-terminal's slave, for other programs to open. Requires a native
     * backend.
     *
     * @param master the master of {@link #pty}
     * @return the slave's path, such as {@code /dev/pts/7}
     * @throws IOException ENOTTY if the descriptor is not a master
     * @see <a href="https://man7.org/linux/man-pages/man3/ptsname.3.html">ptsname(3)</a>
     */
    default Path ptsname(int master) throws IOException {
        throw unsupported("pty");
    }

    /**
     * Sets the window size of a terminal. If the size changes, the terminal's foreground processes
     * receive SIGWINCH. Requires a native backend.
     *
     * @param fd a terminal, or the master of {@link #pty}
     * @param rows the height in lines, 1 to 65535, or 0 if unknown
     * @param columns the width in characters, 1 to 65535, or 0 if unknown
     * @throws IllegalArgumentException if an argument is out of range
     * @throws IOException ENOTTY if the descriptor is not a terminal
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/TIOCSWINSZ.2const.html">TIOCSWINSZ(2const)</a>
     */
    default void setWindowSize(int fd, int rows, int columns) throws IOException {
        throw unsupported("pty");
    }

    /**
     * Opens an event counter. Writing 8 bytes adds to the counter; reading 8 bytes returns its
     * value and resets it. Requires a native backend on Linux.
     *
     * @param initial the initial value, 0 or more
     * @return the counter's descriptor
     * @throws IOException EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/eventfd.2.html">eventfd(2)</a>
     */
    default int eventfd(int initial) throws IOException {
        throw unsupported("eventfd");
    }

    /**
     * Opens a disarmed timer on the monotonic clock. Reading 8 bytes returns the number of
     * expirations. Requires a native backend on Linux.
     *
     * @return the timer's descriptor
     * @throws IOException EMFILE, ENFILE
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/timerfd_create.2.html">timerfd_create(2)</a>
     */
    default int timerfd() throws IOException {
        throw unsupported("timerfd");
    }

    /**
     * Arms or disarms a timer opened by {@link #timerfd}.
     *
     * @param fd the timer
     * @param initialNanos the time until the first expiration in nanoseconds; 0 disarms the timer
     * @param intervalNanos the time between later expirations in nanoseconds; 0 for a one-shot
     *     timer
     * @throws IOException EINVAL if the descriptor is not a timer or a time is negative
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/timerfd_settime.2.html">timerfd_settime(2)</a>
     */
    default void setTimer(int fd, long initialNanos, long intervalNanos) throws IOException {
        throw unsupported("timerfd");
    }

    /**
     * Opens an inotify instance that watches files and directories. Requires a native backend on
     * Linux.
     *
     * @return the instance's descriptor
     * @throws IOException EMFILE
     * @see <a href="https://man7.org/linux/man-pages/man7/inotify.7.html">inotify(7)</a>
     */
    default int inotify() throws IOException {
        throw unsupported("inotify");
    }

    /**
     * Adds a path to an inotify instance, or changes the mask of a path that is already watched.
     *
     * @param fd an instance opened by {@link #inotify}
     * @param path the path to watch
     * @param mask the IN_ bits of inotify(7)
     * @return the watch descriptor that identifies the path's events
     * @throws IOException ENOENT, EACCES, ENOSPC if the user's limit of watches is reached
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/inotify_add_watch.2.html">inotify_add_watch(2)</a>
     */
    default int watch(int fd, Path path, int mask) throws IOException {
        throw unsupported("inotify");
    }

    /**
     * Removes a path from an inotify instance. An IN_IGNORED event follows the events already
     * queued.
     *
     * @param fd an instance opened by {@link #inotify}
     * @param watch the watch descriptor returned by {@link #watch}
     * @throws IOException EINVAL if the instance does not have the watch, for example because the
     *     kernel dropped it when its file was deleted
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/inotify_rm_watch.2.html">inotify_rm_watch(2)</a>
     */
    default void unwatch(int fd, int watch) throws IOException {
        throw unsupported("inotify");
    }

    /**
     * Opens a process. The descriptor becomes readable when the process exits; use it only with
     * pollers and {@link #close}. Requires a native backend: Linux 5.3 or newer, or kqueue, whose
     * descriptor is not inherited by child processes.
     *
     * @param pid the process ID
     * @return the process's descriptor
     * @throws IOException ESRCH if the process does not exist. On kqueue this includes a process
     *     that has already exited, even if it exited after the caller checked. ENOSYS before Linux
     *     5.3
     * @see <a href="https://man7.org/linux/man-pages/man2/pidfd_open.2.html">pidfd_open(2)</a>
     * @see <a href="https://man.freebsd.org/cgi/man.cgi?kqueue(2)">kqueue(2), EVFILT_PROC</a>
     */
    default int pidfd(long pid) throws IOException {
        throw unsupported("pidfd");
    }

    private static UnsupportedOperationException unsupported(String what) {
        return new UnsupportedOperationException("this backend does not support " + what);
    }
}
