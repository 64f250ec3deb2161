package io.uloop.poller;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Performs non-blocking I/O on the file descriptors of one backend, so that the same code runs on
 * every backend. Every descriptor opened here is non-blocking and close-on-exec. What only native
 * backends have is in {@link NativeDescriptors}.
 *
 * <p>Results follow {@code java.nio}. A call that moves the bytes of a stream returns their number,
 * 0 if it would block and -1 at end of stream. A call that takes a connection or datagram returns
 * {@link #NONE} or null if none is pending. A call that sends a datagram returns its length, or 0
 * if it would block. The buffer's position advances by the bytes transferred. A stream operation
 * transfers less than requested only if the kernel does. Datagrams and other messages are never
 * split. EINTR is retried and never surfaces.
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
 * <p>A failed call throws {@link PollerException} with the errno, EBADF if the descriptor is not
 * open. A call that the platform does not support throws {@link UnsupportedOperationException}.
 *
 * @since 0.1
 */
public interface Descriptors {
    /** The result of a call that takes a connection or datagram when none is pending. */
    int NONE = -1;

    /**
     * The ends of a pipe.
     *
     * @param readEnd the descriptor to read from
     * @param writeEnd the descriptor to write to
     */
    record Pipe(int readEnd, int writeEnd) {}

    /**
     * Returns the descriptor by which this backend knows a JDK channel. The channel still owns it:
     * close the channel, not the descriptor.
     *
     * @param channel an open JDK channel
     * @return the channel's descriptor
     * @throws UnsupportedOperationException if the JVM hides the descriptor; the message names the
     *     option that exposes it
     * @throws PollerException EBADF if the channel is closed
     */
    int fileno(SelectableChannel channel) throws PollerException;

    /**
     * Returns what a descriptor refers to, for descriptors that other code has opened.
     *
     * @param fd an open descriptor
     * @return its kind. NIO does not know the version of IP of a socket that is not bound, and
     *     returns INET6
     * @throws PollerException EBADF
     * @see <a href="https://man7.org/linux/man-pages/man2/fstat.2.html">fstat(2)</a>
     */
    DescriptorKind kind(int fd) throws PollerException;

    /**
     * Returns the directions in which a descriptor transfers bytes. Where pipes are bidirectional,
     * as on FreeBSD, both ends of a pipe have both.
     *
     * @param fd an open descriptor
     * @return {@link UEvent#IN} for reading, {@link UEvent#OUT} for writing, or both
     * @throws PollerException EBADF
     * @see <a href="https://man7.org/linux/man-pages/man2/F_GETFL.2const.html">F_GETFL(2const)</a>
     */
    int directions(int fd) throws PollerException;

    /**
     * Opens a stream socket for listening.
     *
     * @param family INET, INET6 or UNIX of {@link java.net.StandardProtocolFamily}
     * @return the socket's descriptor
     * @throws PollerException EMFILE, ENFILE, EAFNOSUPPORT
     */
    int openListener(ProtocolFamily family) throws PollerException;

    /**
     * Opens a stream socket for connecting.
     *
     * @param family INET, INET6 or UNIX of {@link java.net.StandardProtocolFamily}
     * @return the socket's descriptor
     * @throws PollerException EMFILE, ENFILE, EAFNOSUPPORT
     */
    int openStream(ProtocolFamily family) throws PollerException;

    /**
     * Opens a datagram socket.
     *
     * @param family INET, INET6 or, on native backends, UNIX of {@link
     *     java.net.StandardProtocolFamily}
     * @return the socket's descriptor
     * @throws PollerException EMFILE, ENFILE, EAFNOSUPPORT
     */
    int openDatagram(ProtocolFamily family) throws PollerException;

    /**
     * Binds a stream or datagram socket to a local address.
     *
     * @param fd a socket opened by {@link #openStream} or {@link #openDatagram}
     * @param local an {@link java.net.InetSocketAddress}, with port 0 for any free port, a {@link
     *     java.net.UnixDomainSocketAddress} or, on native backends, a {@link UnixAddress}
     * @throws PollerException EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL if already bound
     * @see <a href="https://man7.org/linux/man-pages/man2/bind.2.html">bind(2)</a>
     */
    void bind(int fd, SocketAddress local) throws PollerException;

    /**
     * Binds a listener and starts listening. This is a single step because NIO cannot separate the
     * two.
     *
     * @param fd a socket opened by {@link #openListener}
     * @param local the address to listen on; port 0 for any free port
     * @param backlog the maximum number of pending connections, 1 or more; the kernel may cap it
     * @throws PollerException EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL if already bound
     * @see <a href="https://man7.org/linux/man-pages/man2/listen.2.html">listen(2)</a>
     */
    void listen(int fd, SocketAddress local, int backlog) throws PollerException;

    /**
     * Accepts one pending connection.
     *
     * @param fd a listening socket
     * @return the connection's descriptor, or {@link #NONE}
     * @throws PollerException EMFILE, ENFILE, ECONNABORTED, EINVAL if not listening
     * @see <a href="https://man7.org/linux/man-pages/man2/accept.2.html">accept(2)</a>
     */
    int accept(int fd) throws PollerException;

    /**
     * Connects a stream socket, or sets the peer of a datagram socket.
     *
     * @param fd a socket opened by {@link #openStream} or {@link #openDatagram}
     * @param remote the peer's address
     * @return true if connected at once; false if the connect is in progress, so wait for OUT and
     *     call {@link #finishConnect}
     * @throws PollerException ECONNREFUSED, ENETUNREACH, EISCONN, EALREADY, ENOENT if the path does
     *     not exist, EINVAL if the peer of a datagram socket would have port 0
     * @see <a href="https://man7.org/linux/man-pages/man2/connect.2.html">connect(2)</a>
     */
    boolean connect(int fd, SocketAddress remote) throws PollerException;

    /**
     * Checks the outcome of a connect in progress.
     *
     * @param fd a stream socket
     * @return true if connected; false if still in progress
     * @throws PollerException ECONNREFUSED, ETIMEDOUT and so on if the connect failed; ENOTCONN if
     *     none was started
     */
    boolean finishConnect(int fd) throws PollerException;

    /**
     * Reads bytes into a buffer.
     *
     * @param fd any readable descriptor
     * @param target the buffer to fill
     * @return the bytes read; 0 also if the buffer is full
     * @throws PollerException ECONNRESET, EIO, EISDIR and so on
     * @see <a href="https://man7.org/linux/man-pages/man2/read.2.html">read(2)</a>
     */
    int read(int fd, ByteBuffer target) throws PollerException;

    /**
     * Reads bytes into several buffers with one call.
     *
     * @param fd any readable descriptor
     * @param targets the buffers to fill, in order
     * @param offset the index of the first buffer to use
     * @param length the number of buffers to use
     * @return the bytes read; 0 also if the buffers are full
     * @throws PollerException as {@link #read(int, ByteBuffer)}
     * @see <a href="https://man7.org/linux/man-pages/man2/readv.2.html">readv(2)</a>
     */
    long read(int fd, ByteBuffer[] targets, int offset, int length) throws PollerException;

    /**
     * Writes bytes from a buffer. May write fewer than requested.
     *
     * @param fd any writable descriptor
     * @param source the bytes to write
     * @return the bytes written; 0 also if the buffer is empty
     * @throws PollerException EPIPE, ECONNRESET, ENOSPC and so on
     * @see <a href="https://man7.org/linux/man-pages/man2/write.2.html">write(2)</a>
     */
    int write(int fd, ByteBuffer source) throws PollerException;

    /**
     * Writes bytes from several buffers with one call. May write fewer than requested.
     *
     * @param fd any writable descriptor
     * @param sources the bytes to write, in order
     * @param offset the index of the first buffer to use
     * @param length the number of buffers to use
     * @return the bytes written; 0 also if the buffers are empty
     * @throws PollerException as {@link #write(int, ByteBuffer)}
     * @see <a href="https://man7.org/linux/man-pages/man2/writev.2.html">writev(2)</a>
     */
    long write(int fd, ByteBuffer[] sources, int offset, int length) throws PollerException;

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
     * @return the bytes written; 0 also if the count is 0; -1 if the position is at or beyond the
     *     end of the file
     * @throws PollerException EPIPE, ECONNRESET and so on; EIO if the file cannot be read
     * @throws java.nio.channels.ClosedChannelException if the file is closed
     * @throws java.nio.channels.NonReadableChannelException if the file is not open for reading
     * @throws IllegalArgumentException if the position or the count is negative
     * @see <a href="https://man7.org/linux/man-pages/man2/sendfile.2.html">sendfile(2)</a>
     */
    long transfer(FileChannel source, long position, long count, int fd) throws IOException;

    /**
     * Removes the peer of a datagram socket. The socket keeps its port and receives from any sender
     * again. Does nothing without a peer.
     *
     * @param fd a datagram socket
     * @throws PollerException EOPNOTSUPP if the socket is not a datagram socket; EADDRINUSE if
     *     another socket has taken the port, which the kernel had chosen
     * @see <a href="https://man7.org/linux/man-pages/man2/connect.2.html">connect(2)</a>
     */
    void disconnect(int fd) throws PollerException;

    /**
     * Changes the membership of a datagram socket in a multicast group on a network interface. What
     * happens if a group is joined both for any sender and for one depends on the system.
     *
     * @param fd an INET or INET6 datagram socket
     * @param change what to change
     * @param group the address of the group
     * @param link the interface on which to receive the group's datagrams
     * @param source the only sender, or the sender to block or unblock; null for any sender
     * @throws UnsupportedOperationException if the system cannot filter by source and interface
     * @throws IllegalArgumentException if the group is not a multicast address, the source is of
     *     another version of IP, or a source to block or unblock is missing
     * @throws PollerException EADDRINUSE if already joined, EADDRNOTAVAIL if not joined,
     *     EAFNOSUPPORT if the socket's version of IP cannot express the group; ENODEV, ENOBUFS
     * @see <a href="https://man7.org/linux/man-pages/man7/ip.7.html">ip(7)</a>
     * @see <a href="https://www.rfc-editor.org/rfc/rfc3678">RFC 3678</a>
     */
    void multicast(
            int fd,
            MulticastChange change,
            InetAddress group,
            NetworkInterface link,
            @Nullable InetAddress source)
            throws PollerException;

    /**
     * Receives one datagram. Bytes that do not fit in the buffer are discarded.
     *
     * @param fd a datagram socket
     * @param target the buffer to fill
     * @return the sender, or null
     * @throws PollerException ECONNREFUSED if the peer refused an earlier datagram
     * @see <a href="https://man7.org/linux/man-pages/man2/recvfrom.2.html">recvfrom(2)</a>
     */
    @Nullable SocketAddress receive(int fd, ByteBuffer target) throws PollerException;

    /**
     * Sends the remaining bytes of a buffer as one datagram.
     *
     * @param fd a datagram socket
     * @param source the bytes to send; either all are consumed or none
     * @param target the receiver
     * @return the bytes sent; 0 also for an empty datagram
     * @throws PollerException EMSGSIZE, ECONNREFUSED, ENETUNREACH
     * @see <a href="https://man7.org/linux/man-pages/man2/sendto.2.html">sendto(2)</a>
     */
    int send(int fd, ByteBuffer source, SocketAddress target) throws PollerException;

    /**
     * Receives one datagram without allocating. Bytes that do not fit in the buffer are discarded.
     *
     * @param fd a datagram socket
     * @param target the buffer to fill
     * @param sender set to the sender's address; with NIO this allocates an object
     * @return the bytes received, 0 for an empty datagram, or {@link #NONE}
     * @throws PollerException ECONNREFUSED if the peer refused an earlier datagram
     * @see <a href="https://man7.org/linux/man-pages/man2/recvfrom.2.html">recvfrom(2)</a>
     */
    default int receive(int fd, ByteBuffer target, DatagramAddress sender) throws PollerException {
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
     * @return the bytes sent; 0 also for an empty datagram
     * @throws PollerException EMSGSIZE, ECONNREFUSED, ENETUNREACH; without a receiver EDESTADDRREQ,
     *     or ENOTCONN on a unix-domain socket
     * @see <a href="https://man7.org/linux/man-pages/man2/sendto.2.html">sendto(2)</a>
     */
    default int send(int fd, ByteBuffer source, DatagramAddress target) throws PollerException {
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
     * @throws PollerException ECONNREFUSED if the peer refused an earlier datagram
     * @see <a href="https://man7.org/linux/man-pages/man2/recvmmsg.2.html">recvmmsg(2)</a>
     */
    default int receive(int fd, DatagramBatch batch) throws PollerException {
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
     * @throws PollerException EMSGSIZE, ECONNREFUSED, ENETUNREACH and so on for the first slot
     * @throws IndexOutOfBoundsException if the range exceeds the batch
     * @see <a href="https://man7.org/linux/man-pages/man2/sendmmsg.2.html">sendmmsg(2)</a>
     */
    default int send(int fd, DatagramBatch batch, int from, int count) throws PollerException {
        return SingleDatagrams.send(this, fd, batch, from, count);
    }

    /**
     * Shuts down the input of a stream socket.
     *
     * @param fd a connected stream socket
     * @throws PollerException ENOTCONN
     * @see <a href="https://man7.org/linux/man-pages/man2/shutdown.2.html">shutdown(2)</a>
     */
    void shutdownInput(int fd) throws PollerException;

    /**
     * Shuts down the output of a stream socket. The peer then reads end of stream.
     *
     * @param fd a connected stream socket
     * @throws PollerException ENOTCONN
     * @see <a href="https://man7.org/linux/man-pages/man2/shutdown.2.html">shutdown(2)</a>
     */
    void shutdownOutput(int fd) throws PollerException;

    /**
     * Closes a descriptor. Remove it from its pollers first. A poller in which it is still
     * registered drops the registration and never reports events of another file that reuses the
     * number.
     *
     * @param fd an open descriptor
     * @throws PollerException EBADF if the descriptor is not open; EIO if the kernel failed to
     *     write buffered data, in which case the descriptor is closed anyway
     * @see <a href="https://man7.org/linux/man-pages/man2/close.2.html">close(2)</a>
     */
    void close(int fd) throws PollerException;

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
     * Returns how often a descriptor number was closed through this object. A poller compares two
     * counts to find out that a registered file is gone, even if another file has reused its
     * number. No kernel reports this. The count increases before the number is free.
     *
     * @param fd 0 or more
     * @return the count, which wraps
     */
    int closes(int fd);

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
     * @throws PollerException EINVAL if the kernel rejects the value
     * @see <a href="https://man7.org/linux/man-pages/man2/setsockopt.2.html">setsockopt(2)</a>
     */
    <T> void setOption(int fd, SocketOption<T> option, T value) throws PollerException;

    /**
     * Returns the value of a socket option.
     *
     * @param <T> the option's type
     * @param fd a socket
     * @param option as for {@link #setOption}
     * @return the value; null if the option has no value. An SO_LINGER that is off is -1
     * @throws UnsupportedOperationException if the socket does not have the option
     * @throws PollerException EINVAL
     * @see <a href="https://man7.org/linux/man-pages/man2/getsockopt.2.html">getsockopt(2)</a>
     */
    <T> @Nullable T option(int fd, SocketOption<T> option) throws PollerException;

    /**
     * Returns the options that a socket supports. Costs one system call per option, so do not call
     * it for every socket. Sockets of one kind have the same options.
     *
     * @param fd a socket, preferably a new one: some systems report nothing for a socket that was
     *     reset
     * @return an unmodifiable set of the options that {@link #setOption} and {@link #option} accept
     *     here and that are meaningful for this kind of socket
     * @throws PollerException ENOTSOCK
     */
    Set<SocketOption<?>> supportedOptions(int fd) throws PollerException;

    /**
     * Returns the address to which a socket is bound.
     *
     * @param fd a socket
     * @return the local address; null if the socket is not bound. With NIO also null during a
     *     connect that a poller watches or that the peer has not answered yet
     * @throws PollerException ENOTSOCK
     */
    @Nullable SocketAddress localAddress(int fd) throws PollerException;

    /**
     * Returns the address to which a socket is connected.
     *
     * @param fd a socket
     * @return the remote address; null if the socket is not connected
     * @throws PollerException ENOTSOCK
     */
    @Nullable SocketAddress remoteAddress(int fd) throws PollerException;

    /**
     * Opens a pipe.
     *
     * @return its ends
     * @throws PollerException EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/pipe.2.html">pipe(2)</a>
     */
    Pipe pipe() throws PollerException;
}
