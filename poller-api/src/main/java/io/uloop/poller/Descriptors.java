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
 * Non-blocking I/O on the descriptors that one backend polls, so that the same code runs on every
 * backend. Every descriptor made here is non-blocking and closed on exec.
 *
 * <p>Results follow {@code java.nio}: a count of bytes, 0 for "would block", -1 for the end of the
 * stream. The buffer's position advances by the bytes moved. A count is less than what was asked
 * for only if the kernel's was, and a datagram or another message is never parted. EINTR is retried
 * and never seen.
 *
 * <p>Direct buffers go to the kernel as they are. Heap buffers are copied, large ones of a stream
 * by several calls. So are buffers over a {@code MemorySegment} of an arena that can be closed:
 * they throw {@link IllegalStateException} if it is closed and {@code WrongThreadException} if it
 * belongs to another thread, before anything has moved. What was read when another thread closes
 * the arena during the call is lost, and the call throws. In several buffers at once, one buffer
 * may be there twice: it moves, from the position that it had at the start, each time.
 *
 * <p>Every method may be called by any thread; two threads on one descriptor need to agree with
 * each other. Every failure is a {@link PollerException} with the errno's name, EBADF for a number
 * that is not open; {@link UnsupportedOperationException} where the backend's platform has no such
 * thing.
 */
public interface Descriptors {
    /** What {@link #accept} answers when nobody is waiting. */
    int NONE = -1;

    /**
     * Gives the number by which this backend knows a JDK channel. The channel keeps owning it:
     * close the channel, not the number.
     *
     * @param channel an open channel of the JDK
     * @return its descriptor
     * @throws UnsupportedOperationException if the JVM hides it; the message names the option that
     *     opens it
     * @throws IOException EBADF if the channel is closed
     */
    int fileno(SelectableChannel channel) throws IOException;

    /**
     * Opens a stream socket that will listen.
     *
     * @param family INET, INET6 or UNIX of {@link java.net.StandardProtocolFamily}
     * @return its descriptor
     * @throws IOException EMFILE, ENFILE, EAFNOSUPPORT
     */
    int openListener(ProtocolFamily family) throws IOException;

    /**
     * Opens a stream socket that will connect.
     *
     * @param family INET, INET6 or UNIX of {@link java.net.StandardProtocolFamily}
     * @return its descriptor
     * @throws IOException EMFILE, ENFILE, EAFNOSUPPORT
     */
    int openStream(ProtocolFamily family) throws IOException;

    /**
     * Opens a datagram socket.
     *
     * @param family INET, INET6 or, on the native backends, UNIX of {@link
     *     java.net.StandardProtocolFamily}
     * @return its descriptor
     * @throws IOException EMFILE, ENFILE, EAFNOSUPPORT
     */
    int openDatagram(ProtocolFamily family) throws IOException;

    /**
     * Binds a stream or datagram socket to a local address.
     *
     * @param fd a socket of {@link #openStream} or {@link #openDatagram}
     * @param local an {@link java.net.InetSocketAddress}, port 0 for any, a {@link
     *     java.net.UnixDomainSocketAddress} or, on the native backends, a {@link UnixAddress}
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL if bound already
     * @see <a href="https://man7.org/linux/man-pages/man2/bind.2.html">bind(2)</a>
     */
    void bind(int fd, SocketAddress local) throws IOException;

    /**
     * Binds a listener and starts to listen; one step, because NIO cannot part them.
     *
     * @param fd a socket of {@link #openListener}
     * @param local where to listen; port 0 for any
     * @param backlog how many connections may wait to be accepted, 1 or more; the kernel may cap it
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL if bound already
     * @see <a href="https://man7.org/linux/man-pages/man2/listen.2.html">listen(2)</a>
     */
    void listen(int fd, SocketAddress local, int backlog) throws IOException;

    /**
     * Accepts one waiting connection.
     *
     * @param fd a listening socket
     * @return the connection's descriptor, or {@link #NONE} if nobody is waiting
     * @throws IOException EMFILE, ENFILE, ECONNABORTED, EINVAL if not listening
     * @see <a href="https://man7.org/linux/man-pages/man2/accept.2.html">accept(2)</a>
     */
    int accept(int fd) throws IOException;

    /**
     * Connects a stream socket, or fixes a datagram socket's peer.
     *
     * @param fd a socket of {@link #openStream} or {@link #openDatagram}
     * @param remote the peer
     * @return true if connected at once; false if OUT will tell, then call {@link #finishConnect}
     * @throws IOException ECONNREFUSED, ENETUNREACH, EISCONN, EALREADY, ENOENT for a missing path
     * @see <a href="https://man7.org/linux/man-pages/man2/connect.2.html">connect(2)</a>
     */
    boolean connect(int fd, SocketAddress remote) throws IOException;

    /**
     * Asks how a connect in progress has ended.
     *
     * @param fd a stream socket
     * @return true if connected; false if still in progress
     * @throws IOException ECONNREFUSED, ETIMEDOUT and so on if it failed; ENOTCONN if none was
     *     begun
     */
    boolean finishConnect(int fd) throws IOException;

    /**
     * Reads once.
     *
     * @param fd anything readable
     * @param target gets the bytes
     * @return bytes read; 0 if it would block or the buffer is full; -1 at the end of the stream
     * @throws IOException ECONNRESET, EIO, EISDIR and so on
     * @see <a href="https://man7.org/linux/man-pages/man2/read.2.html">read(2)</a>
     */
    int read(int fd, ByteBuffer target) throws IOException;

    /**
     * Reads once into several buffers.
     *
     * @param fd anything readable
     * @param targets get the bytes in order
     * @param offset the first buffer used
     * @param length how many are used
     * @return bytes read; 0 if it would block or the buffers are full; -1 at the end of the stream
     * @throws IOException as {@link #read(int, ByteBuffer)}
     * @see <a href="https://man7.org/linux/man-pages/man2/readv.2.html">readv(2)</a>
     */
    long read(int fd, ByteBuffer[] targets, int offset, int length) throws IOException;

    /**
     * Writes once; may write less than asked.
     *
     * @param fd anything writable
     * @param source holds the bytes
     * @return bytes written; 0 if it would block or the buffer is empty
     * @throws IOException EPIPE, ECONNRESET, ENOSPC and so on
     * @see <a href="https://man7.org/linux/man-pages/man2/write.2.html">write(2)</a>
     */
    int write(int fd, ByteBuffer source) throws IOException;

    /**
     * Writes several buffers once; may write less than asked.
     *
     * @param fd anything writable
     * @param sources hold the bytes, in order
     * @param offset the first buffer used
     * @param length how many are used
     * @return bytes written; 0 if it would block or the buffers are empty
     * @throws IOException as {@link #write(int, ByteBuffer)}
     * @see <a href="https://man7.org/linux/man-pages/man2/writev.2.html">writev(2)</a>
     */
    long write(int fd, ByteBuffer[] sources, int offset, int length) throws IOException;

    /**
     * Writes bytes of a file once; may write less than asked. They stay within the kernel with NIO
     * and, where the JVM shows the file's descriptor, on Linux: start it with {@code --add-opens
     * java.base/sun.nio.ch=io.uloop.poller.posix}, or {@code =ALL-UNNAMED} on the class path;
     * otherwise they are copied.
     *
     * @param source a file open for reading, which must stay open meanwhile; its own position stays
     *     as it is. The JDK closes it when an interrupted thread reads it, with NIO the socket as
     *     well
     * @param position where in the file to begin, 0 or more
     * @param count how many bytes at most, 0 or more
     * @param fd anything writable
     * @return bytes written; 0 if it would block or the count is 0; -1 if the position is at the
     *     end of the file or behind it
     * @throws IOException EPIPE, ECONNRESET and so on; EIO if the file cannot be read; {@link
     *     java.nio.channels.ClosedChannelException} if it is closed
     * @throws java.nio.channels.NonReadableChannelException if it is not open for reading
     * @throws IllegalArgumentException if the position or the count is negative
     * @see <a href="https://man7.org/linux/man-pages/man2/sendfile.2.html">sendfile(2)</a>
     */
    long transfer(FileChannel source, long position, long count, int fd) throws IOException;

    /**
     * Receives one datagram; what does not fit in the buffer is lost.
     *
     * @param fd a datagram socket
     * @param target gets the bytes
     * @return the sender; null if none is waiting
     * @throws IOException ECONNREFUSED if an earlier one was refused
     * @see <a href="https://man7.org/linux/man-pages/man2/recvfrom.2.html">recvfrom(2)</a>
     */
    @Nullable SocketAddress receive(int fd, ByteBuffer target) throws IOException;

    /**
     * Sends the buffer's rest as one datagram.
     *
     * @param fd a datagram socket
     * @param source holds the bytes; consumed whole or not at all
     * @param target the receiver
     * @return bytes sent; 0 if it would block, and for an empty datagram
     * @throws IOException EMSGSIZE, ECONNREFUSED, ENETUNREACH
     * @see <a href="https://man7.org/linux/man-pages/man2/sendto.2.html">sendto(2)</a>
     */
    int send(int fd, ByteBuffer source, SocketAddress target) throws IOException;

    /**
     * Receives one datagram without making an object; what does not fit in the buffer is lost.
     *
     * @param fd a datagram socket
     * @param target gets the bytes
     * @param sender becomes the sender; with NIO it costs an object
     * @return bytes received, 0 for an empty datagram; {@link #NONE} if none is waiting
     * @throws IOException ECONNREFUSED if an earlier one was refused
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
     * Sends the buffer's rest as one datagram without making an object. NIO sends no empty datagram
     * on a connected socket.
     *
     * @param fd a datagram socket
     * @param source holds the bytes; consumed whole or not at all
     * @param target the receiver; if it is none, the peer of a connected socket
     * @return bytes sent; 0 if it would block, and for an empty datagram
     * @throws IOException EMSGSIZE, ECONNREFUSED, ENETUNREACH; EDESTADDRREQ if there is no
     *     receiver, ENOTCONN on a unix-domain socket
     * @see <a href="https://man7.org/linux/man-pages/man2/sendto.2.html">sendto(2)</a>
     */
    default int send(int fd, ByteBuffer source, DatagramAddress target) throws IOException {
        SocketAddress address = target.toSocketAddress();
        return address == null ? write(fd, source) : send(fd, source, address);
    }

    /**
     * Receives the datagrams that are waiting, up to the batch's capacity, by one call on Linux and
     * one for each elsewhere. What does not fit in a slot is lost. An error that follows datagrams
     * ends them; Linux tells it in the next call.
     *
     * @param fd a datagram socket
     * @param batch gets them in its first slots; what the others hold is not to be relied on
     * @return how many slots it got; 0 if no datagram is waiting
     * @throws IOException ECONNREFUSED if an earlier one was refused
     * @see <a href="https://man7.org/linux/man-pages/man2/recvmmsg.2.html">recvmmsg(2)</a>
     */
    default int receive(int fd, DatagramBatch batch) throws IOException {
        return SingleDatagrams.receive(this, fd, batch);
    }

    /**
     * Sends the slots of a batch in order, by one call on Linux and one for each datagram
     * elsewhere; may send fewer than asked, also because one failed, which the next call that
     * begins with it tells. The position of a slot that was sent is at its limit; of a row it is
     * behind the datagrams that were sent.
     *
     * @param fd a datagram socket
     * @param batch holds the datagrams
     * @param from the first slot, 0 or more
     * @param count how many slots
     * @return how many slots were sent whole; 0 if it would block
     * @throws IOException EMSGSIZE, ECONNREFUSED, ENETUNREACH and so on for the first slot
     * @throws IndexOutOfBoundsException if there are no such slots
     * @see <a href="https://man7.org/linux/man-pages/man2/sendmmsg.2.html">sendmmsg(2)</a>
     */
    default int send(int fd, DatagramBatch batch, int from, int count) throws IOException {
        return SingleDatagrams.send(this, fd, batch, from, count);
    }

    /**
     * Ends the incoming direction of a stream socket.
     *
     * @param fd a connected stream socket
     * @throws IOException ENOTCONN
     * @see <a href="https://man7.org/linux/man-pages/man2/shutdown.2.html">shutdown(2)</a>
     */
    void shutdownInput(int fd) throws IOException;

    /**
     * Ends the outgoing direction of a stream socket: the peer reads the end of the stream.
     *
     * @param fd a connected stream socket
     * @throws IOException ENOTCONN
     * @see <a href="https://man7.org/linux/man-pages/man2/shutdown.2.html">shutdown(2)</a>
     */
    void shutdownOutput(int fd) throws IOException;

    /**
     * Closes a descriptor. Remove it from its pollers first; a poller where it is still registered
     * drops it and never reports the file that gets the number next.
     *
     * @param fd an open descriptor
     * @throws IOException EBADF if it is not open; EIO if the kernel could not write; it is closed
     *     all the same
     * @see <a href="https://man7.org/linux/man-pages/man2/close.2.html">close(2)</a>
     */
    void close(int fd) throws IOException;

    /**
     * Tells how many calls on a number have moved something since ever, whoever made them: bytes or
     * a datagram received or sent, a connection accepted. The end of a stream, "would block" and
     * failures do not count. A handler that is called again and again while this stands still
     * spins.
     *
     * <p>The count wraps, belongs to the number and not to the file, and two threads on one number
     * may lose a call. With NIO an empty datagram is seen only when it is received.
     *
     * @param fd any number
     * @return the count, 0 or more, for the difference from an earlier one; 0 if the number was
     *     never used; -1 if the backend does not count
     */
    default int activity(int fd) {
        return -1;
    }

    /**
     * Sets a socket option.
     *
     * @param <T> the option's type
     * @param fd a socket
     * @param option one of {@link java.net.StandardSocketOptions}, of {@link KernelSocketOptions},
     *     or TCP_QUICKACK, TCP_KEEPIDLE, TCP_KEEPINTERVAL or TCP_KEEPCOUNT of {@code
     *     jdk.net.ExtendedSocketOptions}
     * @param value its value
     * @throws UnsupportedOperationException if the socket has no such option on this platform; the
     *     message names both
     * @throws IllegalArgumentException if the value is null, of another type or out of range; an
     *     SO_LINGER of more than 0 is, because {@link #close} would wait so long even for a
     *     non-blocking socket
     * @throws IOException EINVAL if the kernel does not take the value
     * @see <a href="https://man7.org/linux/man-pages/man2/setsockopt.2.html">setsockopt(2)</a>
     */
    <T> void setOption(int fd, SocketOption<T> option, T value) throws IOException;

    /**
     * Reads a socket option.
     *
     * @param <T> the option's type
     * @param fd a socket
     * @param option as {@link #setOption}
     * @return its value; null where the option has none, as an SO_LINGER that is off has -1
     * @throws UnsupportedOperationException if the socket has no such option
     * @throws IOException EINVAL
     * @see <a href="https://man7.org/linux/man-pages/man2/getsockopt.2.html">getsockopt(2)</a>
     */
    <T> @Nullable T option(int fd, SocketOption<T> option) throws IOException;

    /**
     * Asks which options a socket has. Costs a system call for each option: not for every socket,
     * those of one kind have the same.
     *
     * @param fd a socket, best a fresh one: some systems tell nothing about one that was reset
     * @return what {@link #setOption} and {@link #option} take here and has a meaning for this kind
     *     of socket; cannot be changed
     * @throws IOException ENOTSOCK
     */
    Set<SocketOption<?>> supportedOptions(int fd) throws IOException;

    /**
     * The address a socket is bound to.
     *
     * @param fd a socket
     * @return the address; null while unbound, and with NIO while a connect that a poller watches,
     *     or that the peer has not answered yet, is under way
     * @throws IOException ENOTSOCK
     */
    @Nullable SocketAddress localAddress(int fd) throws IOException;

    /**
     * The address a socket is connected to.
     *
     * @param fd a socket
     * @return the address; null while unconnected
     * @throws IOException ENOTSOCK
     */
    @Nullable SocketAddress remoteAddress(int fd) throws IOException;

    /**
     * Makes a pipe.
     *
     * @return the read end, the write end
     * @throws IOException EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/pipe.2.html">pipe(2)</a>
     */
    int[] pipe() throws IOException;

    /**
     * Makes two connected unix-domain stream sockets. Native backends.
     *
     * @return the two ends
     * @throws IOException EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/socketpair.2.html">socketpair(2)</a>
     */
    default int[] socketPair() throws IOException {
        throw unsupported("socketpair");
    }

    /**
     * Writes bytes to a unix-domain socket and, with the first of them, descriptors: whoever
     * receives them has the same open files. They stay open here. May write fewer bytes than asked,
     * but passes all descriptors or none. Native backends.
     *
     * @param fd a unix-domain socket
     * @param source holds the bytes, 1 or more
     * @param descriptors what to pass, 1 to 253
     * @return bytes written; 0 if it would block, and nothing was passed
     * @throws IOException EBADF if a descriptor is not open, EPIPE, EOPNOTSUPP if it is another
     *     kind of socket, ETOOMANYREFS if too many are on their way
     * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
     */
    default int sendDescriptors(int fd, ByteBuffer source, int... descriptors) throws IOException {
        throw unsupported("passing of descriptors");
    }

    /**
     * Reads once from a unix-domain socket, and takes the descriptors that came with the bytes.
     * {@link #read} would lose them. They are closed on exec, block or not as the sender's do, and
     * are the caller's to close. Native backends.
     *
     * @param fd a unix-domain socket
     * @param target gets the bytes; has room for 1 or more
     * @param descriptors gets the descriptors, from index 0, and {@link #NONE} behind them; 1 to
     *     253
     * @return bytes read; 0 if it would block; -1 at the end of the stream
     * @throws IOException EMSGSIZE if more descriptors came than there is room for, or than this
     *     process may open: the bytes are read, all that came is closed; ECONNRESET and so on
     * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
     */
    default int receiveDescriptors(int fd, ByteBuffer target, int[] descriptors)
            throws IOException {
        throw unsupported("passing of descriptors");
    }

    /**
     * Opens a file, FIFO or device without blocking. Native backends.
     *
     * @param path what to open
     * @param options READ, WRITE, APPEND, CREATE, CREATE_NEW, TRUNCATE_EXISTING of {@link
     *     java.nio.file.StandardOpenOption}; READ if none
     * @return its descriptor
     * @throws IOException ENOENT, EACCES, EMFILE; ENXIO for the write end of a FIFO nobody reads
     * @see <a href="https://man7.org/linux/man-pages/man2/open.2.html">open(2)</a>
     */
    default int open(Path path, OpenOption... options) throws IOException {
        throw unsupported("open");
    }

    /**
     * Makes a second number for the same open file. Native backends.
     *
     * @param fd an open descriptor
     * @return the new one
     * @throws IOException EMFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/dup.2.html">dup(2)</a>
     */
    default int dup(int fd) throws IOException {
        throw unsupported("dup");
    }

    /**
     * Makes a pseudo-terminal in raw mode. Native backends.
     *
     * @return the master, the slave
     * @throws IOException EMFILE, ENOSPC if the system has no more
     * @see <a href="https://man7.org/linux/man-pages/man7/pty.7.html">pty(7)</a>
     */
    default int[] pty() throws IOException {
        throw unsupported("pty");
    }

    /**
     * Tells by which path another program opens the slave of a pseudo-terminal. Native backends.
     *
     * @param master the master of {@link #pty}
     * @return the path, {@code /dev/pts/7}
     * @throws IOException ENOTTY if it is no master
     * @see <a href="https://man7.org/linux/man-pages/man3/ptsname.3.html">ptsname(3)</a>
     */
    default Path ptsname(int master) throws IOException {
        throw unsupported("pty");
    }

    /**
     * Sets the size of a terminal's window; the programs in its foreground get SIGWINCH if it
     * changes. Native backends.
     *
     * @param fd a terminal, or the master of {@link #pty}
     * @param rows lines of text, 0 (unknown) to 65535
     * @param columns characters in a line, 0 (unknown) to 65535
     * @throws IllegalArgumentException if one is out of its range
     * @throws IOException ENOTTY if it is no terminal
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/TIOCSWINSZ.2const.html">TIOCSWINSZ(2const)</a>
     */
    default void setWindowSize(int fd, int rows, int columns) throws IOException {
        throw unsupported("pty");
    }

    /**
     * Makes an event counter: writing 8 bytes adds, reading 8 bytes takes all. Native backends on
     * Linux.
     *
     * @param initial its first value, 0 or more
     * @return its descriptor
     * @throws IOException EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/eventfd.2.html">eventfd(2)</a>
     */
    default int eventfd(int initial) throws IOException {
        throw unsupported("eventfd");
    }

    /**
     * Makes a disarmed timer on the monotonic clock; reading 8 bytes gives the expirations. Native
     * backends on Linux.
     *
     * @return its descriptor
     * @throws IOException EMFILE, ENFILE
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/timerfd_create.2.html">timerfd_create(2)</a>
     */
    default int timerfd() throws IOException {
        throw unsupported("timerfd");
    }

    /**
     * Arms a timer of {@link #timerfd}.
     *
     * @param fd the timer
     * @param initialNanos until it first expires, in nanoseconds; 0 disarms it
     * @param intervalNanos from then on, in nanoseconds; 0 for once
     * @throws IOException EINVAL if it is no timer or a time is negative
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/timerfd_settime.2.html">timerfd_settime(2)</a>
     */
    default void setTimer(int fd, long initialNanos, long intervalNanos) throws IOException {
        throw unsupported("timerfd");
    }

    /**
     * Makes a watcher of files and directories. Native backends on Linux.
     *
     * @return its descriptor
     * @throws IOException EMFILE
     * @see <a href="https://man7.org/linux/man-pages/man7/inotify.7.html">inotify(7)</a>
     */
    default int inotify() throws IOException {
        throw unsupported("inotify");
    }

    /**
     * Adds a path to a watcher of {@link #inotify}, or changes its mask.
     *
     * @param fd the watcher
     * @param path what to watch
     * @param mask the IN_ bits of inotify(7)
     * @return the watch descriptor that its events carry
     * @throws IOException ENOENT, EACCES, ENOSPC if the user's limit of watches is reached
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/inotify_add_watch.2.html">inotify_add_watch(2)</a>
     */
    default int watch(int fd, Path path, int mask) throws IOException {
        throw unsupported("inotify");
    }

    /**
     * Takes a path out of a watcher of {@link #inotify}; an IN_IGNORED event follows the ones that
     * are queued.
     *
     * @param fd the watcher
     * @param watch what {@link #watch} gave
     * @throws IOException EINVAL if the watcher has no such watch, which is also so once the kernel
     *     has dropped it because its file is gone
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/inotify_rm_watch.2.html">inotify_rm_watch(2)</a>
     */
    default void unwatch(int fd, int watch) throws IOException {
        throw unsupported("inotify");
    }

    /**
     * Opens a process; it becomes readable when the process has ended, and is for nothing but
     * pollers and {@link #close}. Native backends on Linux 5.3; elsewhere kqueue, whose descriptor
     * a child does not inherit.
     *
     * @param pid the process id
     * @return its descriptor
     * @throws IOException ESRCH if there is none, with kqueue also if it has ended already, even if
     *     it did so after the caller looked; ENOSYS before Linux 5.3
     * @see <a href="https://man7.org/linux/man-pages/man2/pidfd_open.2.html">pidfd_open(2)</a>
     * @see <a href="https://man.freebsd.org/cgi/man.cgi?kqueue(2)">kqueue(2), EVFILT_PROC</a>
     */
    default int pidfd(long pid) throws IOException {
        throw unsupported("pidfd");
    }

    private static UnsupportedOperationException unsupported(String what) {
        return new UnsupportedOperationException("this backend's platform has no " + what);
    }
}
