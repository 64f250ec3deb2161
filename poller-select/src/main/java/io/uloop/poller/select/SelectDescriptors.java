package io.uloop.poller.select;

import io.uloop.poller.DescriptorKind;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.MulticastChange;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.spi.ActivityCounts;
import io.uloop.poller.spi.CloseCounts;
import io.uloop.poller.spi.Linger;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Performs I/O on NIO channels identified by numbers. The numbers and their close counts belong to
 * one instance and its pollers. Thread-safe.
 */
final class SelectDescriptors implements Descriptors {
    private final CloseCounts closeCounts = new CloseCounts();
    private final ActivityCounts activity = new ActivityCounts();
    private final ChannelNumbers numbers = new ChannelNumbers(closeCounts);
    private final Memberships memberships = new Memberships();
    private final List<SelectPoller> pollers = new CopyOnWriteArrayList<>();

    /** Failures of connects that no call has reported yet. */
    private final Map<Channel, PollerException> connectFailures = new ConcurrentHashMap<>();

    Poller openPoller() throws PollerException {
        SelectPoller poller = new SelectPoller(this);
        pollers.add(poller);
        return poller;
    }

    /** Forgets a poller that has been closed. */
    void forget(SelectPoller poller) {
        pollers.remove(poller);
    }

    /** Returns the channel of a number, which may be closed, or null if the number is free. */
    @Nullable SelectableChannel channel(int fd) {
        return numbers.channel(fd);
    }

    @Override
    public int fileno(SelectableChannel channel) throws PollerException {
        if (!channel.isOpen()) {
            throw ChannelErrors.notOpen("fileno", -1);
        }
        return numbers.takeForeign(channel);
    }

    @Override
    public DescriptorKind kind(int fd) throws PollerException {
        SelectableChannel channel = open("fstat", fd);
        try {
            return ChannelKinds.of(channel);
        } catch (IOException | RuntimeException e) {
            throw failed("fstat", "", fd, channel, e);
        }
    }

    @Override
    public int directions(int fd) throws PollerException {
        SelectableChannel channel = open("fcntl", fd);
        boolean reads = channel instanceof ReadableByteChannel;
        boolean writes = channel instanceof WritableByteChannel;
        return reads == writes ? UEvent.IN | UEvent.OUT : reads ? UEvent.IN : UEvent.OUT;
    }

    @Override
    public int openListener(ProtocolFamily family) throws PollerException {
        try {
            return take(ServerSocketChannel.open(family));
        } catch (IOException | UnsupportedOperationException e) {
            throw notOpened(family, e);
        }
    }

    @Override
    public int openStream(ProtocolFamily family) throws PollerException {
        try {
            return take(SocketChannel.open(family));
        } catch (IOException | UnsupportedOperationException e) {
            throw notOpened(family, e);
        }
    }

    @Override
    public int openDatagram(ProtocolFamily family) throws PollerException {
        if (family == StandardProtocolFamily.UNIX) {
            throw new UnsupportedOperationException(
                    "NIO does not support unix-domain datagram sockets; use a native backend");
        }
        try {
            return take(DatagramChannel.open(family));
        } catch (IOException | UnsupportedOperationException e) {
            throw notOpened(family, e);
        }
    }

    @Override
    public Pipe pipe() throws PollerException {
        try {
            java.nio.channels.Pipe pipe = java.nio.channels.Pipe.open();
            try {
                pipe.source().configureBlocking(false);
                pipe.sink().configureBlocking(false);
            } catch (IOException e) {
                pipe.source().close();
                pipe.sink().close();
                throw e;
            }
            return new Pipe(numbers.take(pipe.source()), numbers.take(pipe.sink()));
        } catch (IOException e) {
            throw ChannelErrors.translate("pipe", "", -1, true, e);
        }
    }

    @Override
    public void bind(int fd, SocketAddress local) throws PollerException {
        Objects.requireNonNull(local, "local");
        NetworkChannel socket = socket("bind", fd, NetworkChannel.class, Errno.EINVAL);
        if (socket instanceof ServerSocketChannel) {
            throw new PollerException(
                    "bind", "", fd, Errno.EINVAL, "NIO cannot bind a listener; use listen instead");
        }
        requireSayable("bind", fd, local);
        try {
            socket.bind(local);
        } catch (IOException | RuntimeException e) {
            throw failed("bind", local.toString(), fd, socket, e);
        }
    }

    @Override
    public void listen(int fd, SocketAddress local, int backlog) throws PollerException {
        Objects.requireNonNull(local, "local");
        if (backlog < 1) { // NIO would use a default
            throw new IllegalArgumentException(
                    "backlog " + backlog + " is out of range; use 1 or more");
        }
        ServerSocketChannel listener = listener("listen", fd);
        requireSayable("listen", fd, local);
        try {
            listener.bind(local, backlog);
        } catch (IOException | RuntimeException e) {
            throw failed("listen", local.toString(), fd, listener, e);
        }
    }

    @Override
    public int accept(int fd) throws PollerException {
        ServerSocketChannel listener = listener("accept", fd);
        try {
            SocketChannel connection = listener.accept();
            if (connection == null) {
                return NONE;
            }
            int number = take(connection);
            activity.increment(fd);
            return number;
        } catch (InvalidPathException e) { // NIO has dropped the connection
            PollerException error =
                    new PollerException(
                            "accept",
                            "",
                            fd,
                            Errno.ECONNABORTED,
                            "NIO cannot decode the peer's path");
            error.initCause(e);
            throw error;
        } catch (IOException | RuntimeException e) {
            throw failed("accept", "", fd, listener, e);
        }
    }

    @Override
    public boolean connect(int fd, SocketAddress remote) throws PollerException {
        Objects.requireNonNull(remote, "remote");
        NetworkChannel socket = socket("connect", fd, NetworkChannel.class, Errno.EINVAL);
        try {
            if (socket instanceof SocketChannel stream) {
                boolean connected = stream.connect(remote);
                if (!connected && remote instanceof UnixDomainSocketAddress) {
                    // NIO treats EAGAIN as a connect in progress, and later as connected.
                    throw new PollerException(
                            "connect", remote.toString(), fd, Errno.EAGAIN, "the backlog is full");
                }
                return connected;
            } else if (socket instanceof DatagramChannel datagram) {
                DatagramPeer.set(datagram, remote);
                return true;
            }
        } catch (IOException | RuntimeException e) {
            throw failed("connect", remote.toString(), fd, socket, e);
        }
        throw new PollerException("connect", "", fd, Errno.EINVAL, "a listener cannot connect");
    }

    @Override
    public boolean finishConnect(int fd) throws PollerException {
        SocketChannel stream = socket("connect", fd, SocketChannel.class, Errno.ENOTCONN);
        try {
            return stream.finishConnect();
        } catch (IOException | RuntimeException e) {
            throw failed("connect", "", fd, stream, e);
        }
    }

    @Override
    public int read(int fd, ByteBuffer target) throws PollerException {
        ScatteringByteChannel source = readable("read", fd);
        try {
            if (source instanceof DatagramChannel datagram && !datagram.isConnected()) {
                int start = target.position();
                if (datagram.receive(target) != null) {
                    activity.increment(fd);
                }
                return target.position() - start;
            }
            return isConnecting(source) ? 0 : (int) noteRead(fd, source, source.read(target));
        } catch (IOException | RuntimeException e) {
            throw failed("read", "", fd, source, e);
        }
    }

    @Override
    public long read(int fd, ByteBuffer[] targets, int offset, int length) throws PollerException {
        ScatteringByteChannel source = readable("readv", fd);
        try {
            return isConnecting(source)
                    ? 0
                    : noteRead(fd, source, GatheredCalls.read(source, targets, offset, length));
        } catch (IOException | RuntimeException e) {
            throw failed("readv", "", fd, source, e);
        }
    }

    @Override
    public int write(int fd, ByteBuffer source) throws PollerException {
        GatheringByteChannel target = writable("write", fd);
        try {
            return isConnecting(target) ? 0 : (int) counted(fd, target.write(source));
        } catch (IOException | RuntimeException e) {
            throw failed("write", "", fd, target, e);
        }
    }

    @Override
    public long write(int fd, ByteBuffer[] sources, int offset, int length) throws PollerException {
        GatheringByteChannel target = writable("writev", fd);
        try {
            return isConnecting(target)
                    ? 0
                    : counted(fd, GatheredCalls.write(target, sources, offset, length));
        } catch (IOException | RuntimeException e) {
            throw failed("writev", "", fd, target, e);
        }
    }

    @Override
    public long transfer(FileChannel source, long position, long count, int fd) throws IOException {
        if (!source.isOpen()) {
            throw new ClosedChannelException();
        }
        GatheringByteChannel target = writable("sendfile", fd);
        try {
            long moved = isConnecting(target) ? 0 : source.transferTo(position, count, target);
            boolean end = moved == 0 && count > 0 && position >= source.size();
            return end ? -1 : counted(fd, moved);
        } catch (IOException | RuntimeException e) {
            PollerException failure = failed("sendfile", "", fd, target, e);
            if (e instanceof ClosedChannelException && !source.isOpen()) {
                throw e; // the source, by an interrupt or another thread
            }
            throw failure;
        }
    }

    @Override
    public void disconnect(int fd) throws PollerException {
        DatagramChannel datagram = socket("connect", fd, DatagramChannel.class, Errno.EOPNOTSUPP);
        try {
            datagram.disconnect();
        } catch (IOException | RuntimeException e) {
            throw failed("connect", "AF_UNSPEC", fd, datagram, e);
        }
    }

    @Override
    public void multicast(
            int fd,
            MulticastChange change,
            InetAddress group,
            NetworkInterface link,
            @Nullable InetAddress source)
            throws PollerException {
        DatagramChannel datagram =
                socket("setsockopt", fd, DatagramChannel.class, Errno.EAFNOSUPPORT);
        try {
            memberships.change(fd, datagram, change, group, link, source);
        } catch (PollerException | IllegalArgumentException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw failed("setsockopt", change + " " + group, fd, datagram, e);
        }
    }

    @Override
    public @Nullable SocketAddress receive(int fd, ByteBuffer target) throws PollerException {
        DatagramChannel datagram = socket("recvfrom", fd, DatagramChannel.class, Errno.EINVAL);
        try {
            SocketAddress sender = datagram.receive(target);
            if (sender != null) {
                activity.increment(fd);
            }
            return sender;
        } catch (IOException | RuntimeException e) {
            throw failed("recvfrom", "", fd, datagram, e);
        }
    }

    @Override
    public int send(int fd, ByteBuffer source, SocketAddress target) throws PollerException {
        DatagramChannel datagram = socket("sendto", fd, DatagramChannel.class, Errno.EINVAL);
        try {
            return (int) counted(fd, datagram.send(source, target));
        } catch (IOException | RuntimeException e) {
            throw failed("sendto", target.toString(), fd, datagram, e);
        }
    }

    @Override
    public void shutdownInput(int fd) throws PollerException {
        SocketChannel stream = socket("shutdown", fd, SocketChannel.class, Errno.ENOTCONN);
        try {
            stream.shutdownInput();
        } catch (IOException | RuntimeException e) {
            throw failed("shutdown", "", fd, stream, e);
        }
    }

    @Override
    public void shutdownOutput(int fd) throws PollerException {
        SocketChannel stream = socket("shutdown", fd, SocketChannel.class, Errno.ENOTCONN);
        try {
            stream.shutdownOutput();
        } catch (IOException | RuntimeException e) {
            throw failed("shutdown", "", fd, stream, e);
        }
    }

    @Override
    public void close(int fd) throws PollerException {
        SelectableChannel channel = numbers.release(fd);
        if (channel == null) {
            throw ChannelErrors.notOpen("close", fd);
        }
        connectFailures.remove(channel);
        memberships.forget(channel);
        try {
            try {
                letGo(channel); // first, because a channel with a key shuts down before it closes
            } finally {
                channel.close();
            }
        } catch (IOException e) {
            throw ChannelErrors.translate("close", "", fd, true, e);
        }
    }

    @Override
    public int activity(int fd) {
        return activity.count(fd);
    }

    @Override
    public int closes(int fd) {
        return closeCounts.count(fd);
    }

    @Override
    public <T> void setOption(int fd, SocketOption<T> option, T value) throws PollerException {
        NetworkChannel socket = socket("setsockopt", fd, NetworkChannel.class, Errno.EINVAL);
        Linger.requireNone(option, value);
        try {
            socket.setOption(option, value);
        } catch (IllegalArgumentException | ClassCastException e) {
            throw new IllegalArgumentException(option.name() + " cannot be " + value, e);
        } catch (UnsupportedOperationException e) {
            throw lacking(option, e);
        } catch (IOException | RuntimeException e) {
            throw failed("setsockopt", option.name(), fd, socket, e);
        }
    }

    @Override
    public <T> @Nullable T option(int fd, SocketOption<T> option) throws PollerException {
        NetworkChannel socket = socket("getsockopt", fd, NetworkChannel.class, Errno.EINVAL);
        try {
            return socket.getOption(option);
        } catch (UnsupportedOperationException e) {
            throw lacking(option, e);
        } catch (IOException | RuntimeException e) {
            throw failed("getsockopt", option.name(), fd, socket, e);
        }
    }

    @Override
    public Set<SocketOption<?>> supportedOptions(int fd) throws PollerException {
        return socket("getsockopt", fd, NetworkChannel.class, Errno.EINVAL).supportedOptions();
    }

    @Override
    public @Nullable SocketAddress localAddress(int fd) throws PollerException {
        NetworkChannel socket = socket("getsockname", fd, NetworkChannel.class, Errno.EINVAL);
        try {
            if (socket instanceof SocketChannel stream) {
                finishIfOver(fd, stream);
            }
            SocketAddress local = socket.getLocalAddress();
            // NIO gives an unnamed unix-domain socket an empty name when it connects.
            boolean unnamed =
                    local instanceof UnixDomainSocketAddress unix
                            && unix.getPath().toString().isEmpty();
            return unnamed ? null : local;
        } catch (IOException | RuntimeException e) {
            throw failed("getsockname", "", fd, socket, e);
        }
    }

    @Override
    public @Nullable SocketAddress remoteAddress(int fd) throws PollerException {
        NetworkChannel socket = socket("getpeername", fd, NetworkChannel.class, Errno.EINVAL);
        try {
            if (socket instanceof SocketChannel stream) {
                // NIO returns the peer as soon as a connect starts.
                SocketAddress remote = stream.getRemoteAddress();
                return stream.isConnected() ? remote : null;
            }
            return socket instanceof DatagramChannel datagram ? datagram.getRemoteAddress() : null;
        } catch (IOException | RuntimeException e) {
            throw failed("getpeername", "", fd, socket, e);
        }
    }

    /**
     * Rejects a path whose text does not encode to its bytes. NIO reads the path of a bound socket
     * back from its text, and would fail after the file has been created.
     */
    private static void requireSayable(String syscall, int fd, SocketAddress address)
            throws PollerException {
        if (!(address instanceof UnixDomainSocketAddress unix)) {
            return;
        }
        String text = unix.getPath().toString();
        boolean same;
        try {
            same = Path.of(text).equals(unix.getPath());
        } catch (InvalidPathException e) {
            same = false;
        }
        if (!same) {
            throw new PollerException(
                    syscall,
                    text,
                    fd,
                    Errno.EILSEQ,
                    "NIO cannot encode this path in "
                            + System.getProperty("sun.jnu.encoding")
                            + "; use a native backend, or start the JVM in a UTF-8 locale");
        }
    }

    /** Converts and counts the result of a read. NIO reports an empty datagram as end of stream. */
    private long noteRead(int fd, Channel source, long moved) {
        if (moved < 0 && source instanceof DatagramChannel) {
            activity.increment(fd);
            return 0;
        }
        return counted(fd, moved);
    }

    /** Counts a call that made progress, and returns its result. */
    private long counted(int fd, long moved) {
        if (moved > 0) {
            activity.increment(fd);
        }
        return moved;
    }

    /** Assigns a number to a channel opened here. Closes the channel on failure. */
    private int take(SelectableChannel channel) throws IOException {
        try {
            channel.configureBlocking(false);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return numbers.take(channel);
    }

    private ScatteringByteChannel readable(String syscall, int fd) throws PollerException {
        SelectableChannel channel = open(syscall, fd);
        if (channel instanceof ScatteringByteChannel source) {
            return source;
        }
        throw channel instanceof NetworkChannel
                ? new PollerException(syscall, "", fd, Errno.ENOTCONN, "a listener; use accept")
                : new PollerException(syscall, "", fd, Errno.EBADF, "the write end of a pipe");
    }

    private GatheringByteChannel writable(String syscall, int fd) throws PollerException {
        SelectableChannel channel = open(syscall, fd);
        if (channel instanceof DatagramChannel datagram
                && datagram.isOpen()
                && !datagram.isConnected()) {
            throw new PollerException(
                    syscall, "", fd, Errno.EDESTADDRREQ, "no receiver; connect it or use send");
        }
        if (channel instanceof GatheringByteChannel target) {
            return target;
        }
        throw channel instanceof NetworkChannel
                ? new PollerException(syscall, "", fd, Errno.ENOTCONN, "a listener; use accept")
                : new PollerException(syscall, "", fd, Errno.EBADF, "the read end of a pipe");
    }

    private ServerSocketChannel listener(String syscall, int fd) throws PollerException {
        boolean datagram = open(syscall, fd) instanceof DatagramChannel;
        return socket(
                syscall, fd, ServerSocketChannel.class, datagram ? Errno.EOPNOTSUPP : Errno.EINVAL);
    }

    /**
     * Returns the socket of a number. Fails with the given errno for a socket of another kind, and
     * with ENOTSOCK for a pipe.
     */
    private <C> C socket(String syscall, int fd, Class<C> kind, Errno errno)
            throws PollerException {
        SelectableChannel channel = open(syscall, fd);
        if (kind.isInstance(channel)) {
            return kind.cast(channel);
        }
        throw channel instanceof NetworkChannel
                ? new PollerException(syscall, "", fd, errno, "wrong kind of socket")
                : new PollerException(syscall, "", fd, Errno.ENOTSOCK, "a pipe, not a socket");
    }

    private SelectableChannel open(String syscall, int fd) throws PollerException {
        SelectableChannel channel = numbers.channel(fd);
        if (channel == null) {
            throw ChannelErrors.notOpen(syscall, fd);
        }
        return channel;
    }

    /**
     * Returns whether a connect is in progress. Finishes a connect that has just ended, because a
     * kernel allows a connected stream to be used without finishConnect but NIO does not.
     */
    private static boolean isConnecting(Channel channel) throws IOException {
        return channel instanceof SocketChannel stream
                && !stream.isConnected()
                && stream.isConnectionPending()
                && !stream.finishConnect();
    }

    /**
     * Finishes a connect that has just ended, because NIO knows the local address only then, while
     * a kernel knows it from the start. The next call that uses the connection reports a failure.
     * While a poller watches the channel, this is left to the poller's user, because a failure
     * closes the channel.
     */
    private void finishIfOver(int fd, SocketChannel stream) {
        if (!stream.isConnectionPending() || stream.isRegistered()) {
            return;
        }
        try {
            var unused = stream.finishConnect();
        } catch (IOException e) {
            connectFailures.put(
                    stream, ChannelErrors.translate("connect", "", fd, stream.isOpen(), e));
        }
    }

    private PollerException failed(
            String syscall, String detail, int fd, Channel channel, Exception exception) {
        PollerException earlier = connectFailures.remove(channel);
        if (earlier != null) {
            return earlier;
        }
        boolean open = channel.isOpen();
        if (!open && channel instanceof SelectableChannel closed) {
            try {
                letGo(closed); // a failed connect has closed it
            } catch (IOException e) {
                exception.addSuppressed(e);
            }
        }
        return ChannelErrors.translate(syscall, detail, fd, open, exception);
    }

    private static UnsupportedOperationException lacking(
            SocketOption<?> option, UnsupportedOperationException cause) {
        return new UnsupportedOperationException(
                "NIO sockets of this kind do not support "
                        + option.name()
                        + " on "
                        + System.getProperty("os.name"),
                cause);
    }

    private static PollerException notOpened(ProtocolFamily family, Exception exception) {
        if (exception instanceof UnsupportedOperationException) {
            PollerException unsupported =
                    new PollerException(
                            "socket",
                            family.name(),
                            -1,
                            Errno.EAFNOSUPPORT,
                            "this family is not supported here");
            unsupported.initCause(exception);
            return unsupported;
        }
        return ChannelErrors.translate("socket", family.name(), -1, true, exception);
    }

    /** Removes a channel that is closed, or about to be closed, from every poller. */
    private void letGo(SelectableChannel channel) throws IOException {
        if (channel.isRegistered()) {
            for (SelectPoller poller : pollers) {
                poller.release(channel);
            }
        }
    }
}
