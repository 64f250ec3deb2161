package io.uloop.poller.posix.socket;

import io.uloop.poller.DescriptorKind;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.posix.call.Constant;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.file.FileType;
import io.uloop.poller.posix.file.Opener;
import io.uloop.poller.posix.file.Readiness;
import io.uloop.poller.posix.file.SocketType;
import io.uloop.poller.posix.file.Transfers;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.spi.ActivityCounts;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Opens, binds, connects and shuts down sockets. */
public final class Sockets {
    public static final int INPUT = Constant.SHUT_RD.value();
    public static final int OUTPUT = Constant.SHUT_WR.value();

    private static final int SOL_SOCKET = Constant.SOL_SOCKET.value();
    private static final int SO_ERROR = Constant.SO_ERROR.value();
    private static final int SO_ACCEPTCONN = Constant.SO_ACCEPTCONN.value();
    private static final int IPPROTO_IPV6 = Constant.IPPROTO_IPV6.value();
    private static final int IPV6_V6ONLY = Constant.IPV6_V6ONLY.value();
    private static final SocketAddress UNNAMED = UnixDomainSocketAddress.of("");
    private static final int AF_UNSPEC = 0; // the same on every system
    private static final int EINPROGRESS = Posix.number(Errno.EINPROGRESS);
    private static final int ENOTCONN = Posix.number(Errno.ENOTCONN);
    private static final int EINVAL = Posix.number(Errno.EINVAL);

    private final Libc.Calls libc;
    private final Opener opener;
    private final ActivityCounts activity;
    private final SocketAddresses addresses = SocketAddresses.NATIVE;

    public Sockets(Libc.Calls libc, Opener opener, ActivityCounts activity) {
        this.libc = libc;
        this.opener = opener;
        this.activity = activity;
    }

    public int open(ProtocolFamily family, int type) throws PollerException {
        int domain = domain(family);
        int fd = opener.socket(domain, type);
        if (domain == SocketAddresses.AF_INET6) {
            try {
                takeBothVersions(fd);
            } catch (PollerException e) {
                libc.close(fd);
                throw e;
            }
        }
        return fd;
    }

    public NativeDescriptors.SocketPair openPair() throws PollerException {
        return opener.socketPair(SocketAddresses.AF_UNIX, SocketType.STREAM);
    }

    public NativeDescriptors.SocketPair openDatagramPair() throws PollerException {
        return opener.socketPair(SocketAddresses.AF_UNIX, SocketType.DATAGRAM);
    }

    public DescriptorKind kind(int fd) throws PollerException {
        Posix.requireDescriptor("fstat", fd);
        DescriptorKind.Type type = FileType.of(libc, fd);
        return type.isSocket()
                ? new DescriptorKind(type, familyOf(family(fd, "getsockname")), isListening(fd))
                : new DescriptorKind(type, null, false);
    }

    private static @Nullable StandardProtocolFamily familyOf(int domain) {
        if (domain == SocketAddresses.AF_UNIX) {
            return StandardProtocolFamily.UNIX;
        }
        if (domain == SocketAddresses.AF_INET) {
            return StandardProtocolFamily.INET;
        }
        return domain == SocketAddresses.AF_INET6 ? StandardProtocolFamily.INET6 : null;
    }

    /** Returns whether a socket listens; false for types of sockets that cannot. */
    private boolean isListening(int fd) {
        Scratch scratch = Scratch.mine();
        ByteBuffer block = scratch.block().putInt(Scratch.LENGTH, Integer.BYTES);
        long value = scratch.address(Scratch.VALUE);
        long length = scratch.address(Scratch.LENGTH);
        return libc.getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, value, length) == 0
                && block.getInt(Scratch.VALUE) != 0;
    }

    private static int domain(ProtocolFamily family) throws PollerException {
        if (family == StandardProtocolFamily.INET) {
            return SocketAddresses.AF_INET;
        }
        if (family == StandardProtocolFamily.INET6) {
            return SocketAddresses.AF_INET6;
        }
        if (family == StandardProtocolFamily.UNIX) {
            return SocketAddresses.AF_UNIX;
        }
        throw new PollerException(
                "socket",
                family.name(),
                -1,
                Errno.EAFNOSUPPORT,
                "unsupported family; use INET, INET6 or UNIX");
    }

    private void takeBothVersions(int fd) throws PollerException {
        Scratch scratch = Scratch.mine();
        scratch.block().putInt(Scratch.VALUE, 0);
        long value = scratch.address(Scratch.VALUE);
        if (libc.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, value, Integer.BYTES) < 0
                && Posix.errno() != EINVAL) { // OpenBSD has no dual-stack sockets
            throw Posix.failure("setsockopt", "IPV6_V6ONLY", fd);
        }
    }

    public void bind(int fd, SocketAddress local) throws PollerException {
        Scratch scratch = Scratch.mine();
        SocketAddresses.familyOf(local); // reports a bad argument before a bad descriptor
        int family = family(fd, "bind");
        int length = addresses.put(scratch.block(), family, local, "bind", fd);
        if (libc.bind(fd, scratch.address(0), length) < 0) {
            throw Posix.failure("bind", local.toString(), fd);
        }
    }

    public void listen(int fd, SocketAddress local, int backlog) throws PollerException {
        if (backlog < 1) {
            throw new IllegalArgumentException(
                    "backlog " + backlog + " is too small; use 1 or more");
        }
        Posix.requireDescriptor("listen", fd);
        if (SocketType.isDatagram(libc, fd)) { // listen(2) would fail only after bind(2)
            throw new PollerException(
                    "listen",
                    "",
                    fd,
                    Errno.EOPNOTSUPP,
                    "datagram sockets cannot listen; use a stream socket");
        }
        bind(fd, local);
        if (libc.listen(fd, backlog) < 0) {
            throw Posix.failure("listen", local.toString(), fd);
        }
    }

    public int accept(int fd) throws PollerException {
        Posix.requireDescriptor("accept", fd);
        for (; ; ) {
            int connection = opener.accept(fd);
            if (connection >= 0) {
                activity.increment(fd);
                return connection;
            }
            if (Transfers.wouldBlock("accept", fd)) {
                return Descriptors.NONE;
            }
        }
    }

    public boolean connect(int fd, SocketAddress remote) throws PollerException {
        Scratch scratch = Scratch.mine();
        SocketAddresses.familyOf(remote); // reports a bad argument before a bad descriptor
        int family = family(fd, "connect");
        boolean bound = addresses.isBound(scratch.block(), family);
        int peerBytes = peerLength(scratch, fd);
        SocketAddress peer = peerBytes < 0 ? null : addresses.get(scratch.block(), peerBytes);
        if (peer != null && !SocketType.isDatagram(libc, fd)) { // Linux would return 0 once
            throw new PollerException(
                    "connect", "", fd, Errno.EISCONN, "the socket is already connected");
        }
        boolean nowhere = remote instanceof InetSocketAddress inet && inet.getPort() == 0;
        if (nowhere && SocketType.isDatagram(libc, fd)) {
            throw new PollerException(
                    "connect",
                    remote.toString(),
                    fd,
                    Errno.EINVAL,
                    "port 0 would admit the datagrams of every port");
        }
        int length = addresses.put(scratch.block(), family, remote, "connect", fd);
        if (libc.connect(fd, scratch.address(0), length) == 0) {
            return true;
        }
        int errno = Posix.errno();
        if (errno == EINPROGRESS || errno == Posix.EINTR) { // EINTR: connecting goes on
            return false;
        }
        if (!bound && SocketType.isDatagram(libc, fd)) {
            unbind(scratch, fd);
        } else if (peer instanceof InetSocketAddress) {
            reconnect(scratch, fd, family, peer);
        }
        throw Posix.failure("connect", remote.toString(), fd, errno);
    }

    /**
     * Releases the port of a datagram socket that could not connect. A kernel may assign the port
     * before it detects the failure. Connecting to AF_UNSPEC releases it, see connect(2).
     */
    private void unbind(Scratch scratch, int fd) {
        addresses.putHead(scratch.block(), 0, AF_UNSPEC, SocketAddresses.IN_BYTES);
        var unused = libc.connect(fd, scratch.address(0), SocketAddresses.IN_BYTES);
    }

    /**
     * Removes the peer of a datagram socket. Linux then also releases a port that the kernel had
     * chosen, so the socket is bound to it again.
     */
    public void disconnect(int fd) throws PollerException {
        SocketAddress local = localAddress(fd);
        if (!SocketType.isDatagram(libc, fd)) { // a kernel would reset the connection of a stream
            throw new PollerException(
                    "connect",
                    "AF_UNSPEC",
                    fd,
                    Errno.EOPNOTSUPP,
                    "only datagram sockets can disconnect");
        }
        Scratch scratch = Scratch.mine();
        addresses.putHead(scratch.block(), 0, AF_UNSPEC, SocketAddresses.IN_BYTES);
        if (libc.connect(fd, scratch.address(0), SocketAddresses.IN_BYTES) < 0) {
            int errno = Posix.errno();
            if (peerLength(scratch, fd) >= 0) { // the BSDs disconnect, and fail
                throw Posix.failure("connect", "AF_UNSPEC", fd, errno);
            }
        }
        if (local instanceof InetSocketAddress bound) {
            int length = localLength(scratch, "getsockname", fd);
            InetSocketAddress left = (InetSocketAddress) addresses.get(scratch.block(), length);
            if (left.getPort() == 0) {
                bind(fd, new InetSocketAddress(left.getAddress(), bound.getPort()));
            }
        }
    }

    /**
     * Connects a datagram socket to its peer again after it failed to connect to another address.
     * Linux keeps the peer, but sends all later datagrams except the first to the other address.
     * The BSDs disconnect the socket before they try the other address.
     */
    private void reconnect(Scratch scratch, int fd, int family, SocketAddress peer)
            throws PollerException {
        int length = addresses.put(scratch.block(), family, peer, "connect", fd);
        var unused = libc.connect(fd, scratch.address(0), length);
    }

    /**
     * Finishes connecting. A failed socket has a pending error, and a connected one has a peer. A
     * socket with neither is still connecting if it is not writable. If it is writable, it may have
     * connected in between, so its peer is checked once more; otherwise connect was never called.
     * BSD kernels report the latter as not writable, so there it appears to be still connecting.
     */
    public boolean finishConnect(int fd) throws PollerException {
        Posix.requireDescriptor("connect", fd);
        if (hasConnected(fd)) {
            return true;
        }
        int events = Readiness.of(libc, fd, UEvent.OUT);
        if (events < 0) {
            throw Posix.failure("poll", "", fd);
        }
        if (events == 0) {
            return false;
        }
        if (hasConnected(fd)) {
            return true;
        }
        throw new PollerException("connect", "", fd, Errno.ENOTCONN, "connect has not been called");
    }

    private boolean hasConnected(int fd) throws PollerException {
        Scratch scratch = Scratch.mine();
        ByteBuffer block = scratch.block().putInt(Scratch.LENGTH, Integer.BYTES);
        long value = scratch.address(Scratch.VALUE);
        long length = scratch.address(Scratch.LENGTH);
        if (libc.getsockopt(fd, SOL_SOCKET, SO_ERROR, value, length) < 0) {
            throw Posix.failure("getsockopt", "SO_ERROR", fd);
        }
        int pending = block.getInt(Scratch.VALUE);
        if (pending != 0) {
            throw Posix.failure("connect", "", fd, pending);
        }
        return peerLength(scratch, fd) >= 0;
    }

    public void shutdown(int fd, int direction) throws PollerException {
        Posix.requireDescriptor("shutdown", fd);
        if (libc.shutdown(fd, direction) < 0) {
            throw Posix.failure("shutdown", direction == INPUT ? "SHUT_RD" : "SHUT_WR", fd);
        }
    }

    public @Nullable SocketAddress localAddress(int fd) throws PollerException {
        Scratch scratch = Scratch.mine();
        SocketAddress local =
                addresses.get(scratch.block(), localLength(scratch, "getsockname", fd));
        boolean bound =
                local instanceof InetSocketAddress inet
                        ? inet.getPort() != 0
                        : !local.equals(UNNAMED);
        return bound ? local : null;
    }

    public @Nullable SocketAddress remoteAddress(int fd) throws PollerException {
        Posix.requireDescriptor("getpeername", fd);
        Scratch scratch = Scratch.mine();
        int length = peerLength(scratch, fd);
        return length < 0 ? null : addresses.get(scratch.block(), length);
    }

    /**
     * Returns the family of a socket from its local address, which has a family even while unbound.
     */
    int family(int fd, String syscall) throws PollerException {
        Scratch scratch = Scratch.mine();
        return addresses.family(scratch.block(), localLength(scratch, syscall, fd));
    }

    private int localLength(Scratch scratch, String syscall, int fd) throws PollerException {
        Posix.requireDescriptor(syscall, fd);
        ByteBuffer block = scratch.block().putInt(Scratch.LENGTH, Scratch.ADDRESS_BYTES);
        if (libc.getsockname(fd, scratch.address(0), scratch.address(Scratch.LENGTH)) < 0) {
            throw Posix.failure(syscall, "", fd);
        }
        return block.getInt(Scratch.LENGTH);
    }

    /** {@return the length of the peer's address in the scratch memory, or -1 without a peer} */
    private int peerLength(Scratch scratch, int fd) throws PollerException {
        ByteBuffer block = scratch.block().putInt(Scratch.LENGTH, Scratch.ADDRESS_BYTES);
        if (libc.getpeername(fd, scratch.address(0), scratch.address(Scratch.LENGTH)) == 0) {
            return block.getInt(Scratch.LENGTH);
        }
        int errno = Posix.errno();
        if (errno == ENOTCONN || errno == EINVAL) { // macOS: EINVAL after shutdown
            return -1;
        }
        throw Posix.failure("getpeername", "", fd, errno);
    }
}
