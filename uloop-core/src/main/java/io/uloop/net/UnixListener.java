package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.DescriptorKind;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A listening unix-domain stream socket on a loop. The file of its path is not deleted when it is
 * closed. Delete it then, or before the next socket binds.
 *
 * <pre>{@code
 * Files.deleteIfExists(path);
 * UnixListener listener = UnixListener.open(loop, UnixDomainSocketAddress.of(path));
 * listener.register(Connection.acceptor(options, EchoHandler::new));
 * }</pre>
 *
 * <p>The thread rules are those of {@link Listener}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
 * @since 0.1
 */
public final class UnixListener extends Listener<UnixChannel> {
    private static final Adoption ADOPTION =
            new Adoption(
                    UnixListener.class,
                    "a listening unix-domain socket",
                    kind ->
                            kind.type() == DescriptorKind.Type.STREAM_SOCKET
                                    && kind.family() == StandardProtocolFamily.UNIX
                                    && kind.listening());

    private UnixListener(Uloop loop, int fd) {
        super(loop, StandardProtocolFamily.UNIX, fd, UnixChannel.class);
    }

    /**
     * Opens an unbound socket. Set its options, then {@link #bind} it.
     *
     * @param loop the loop that will serve it
     * @return an unbound listener
     * @throws IOException EMFILE, ENFILE, EAFNOSUPPORT
     */
    public static UnixListener open(Uloop loop) throws IOException {
        return new UnixListener(loop, loop.descriptors().openListener(StandardProtocolFamily.UNIX));
    }

    /**
     * Opens a socket, binds it and listens with a backlog of 1024.
     *
     * @param loop the loop that will serve it
     * @param local a {@link UnixDomainSocketAddress} of at most 107 bytes, 106 on the select
     *     backend and 103 on BSD and macOS; native backends also accept a {@link
     *     io.uloop.poller.UnixAddress}
     * @return a listener; connections wait in the backlog until {@link #register(AcceptHandler)}
     * @throws IOException as {@link #open(Uloop, SocketAddress, int)}
     */
    public static UnixListener open(Uloop loop, SocketAddress local) throws IOException {
        return open(loop, local, BACKLOG);
    }

    /**
     * Opens a socket, binds it and listens.
     *
     * @param loop the loop that will serve it
     * @param local a {@link UnixDomainSocketAddress} of at most 107 bytes, 106 on the select
     *     backend and 103 on BSD and macOS; native backends also accept a {@link
     *     io.uloop.poller.UnixAddress}
     * @param backlog how many connections may wait to be accepted, 1 or more; the kernel may cap it
     * @return a listener; connections wait in the backlog until {@link #register(AcceptHandler)}
     * @throws java.nio.channels.UnsupportedAddressTypeException if the address is of another type
     * @throws IOException EADDRINUSE if the file exists, EACCES, ENOENT, EMFILE, ENFILE
     */
    public static UnixListener open(Uloop loop, SocketAddress local, int backlog)
            throws IOException {
        requireUnix(local);
        return orClose(open(loop), listener -> listener.bind(local, backlog));
    }

    /**
     * Takes over a listening unix-domain stream socket that other code has opened, such as one of
     * {@link SocketActivation}. Makes it non-blocking and, above 2, close-on-exec.
     *
     * @param loop the loop that will serve it
     * @param fd one of the loop's {@link Uloop#descriptors}, not registered; owned by the listener
     *     from now on
     * @return the listener
     * @throws IOException EINVAL or ENOTSOCK if the descriptor is of another kind, EBADF; the
     *     descriptor then stays the caller's and unchanged
     */
    public static UnixListener adopt(Uloop loop, int fd) throws IOException {
        return ADOPTION.of(loop, fd, kind -> new UnixListener(loop, fd));
    }

    @Override
    public UnixListener bind(@Nullable SocketAddress local) throws IOException {
        super.bind(local);
        return this;
    }

    @Override
    public UnixListener bind(@Nullable SocketAddress local, int backlog) throws IOException {
        super.bind(local, backlog);
        return this;
    }

    @Override
    int openAnother(ProtocolFamily family) throws IOException {
        return io().openListener(family);
    }

    @Override
    UnixChannel channel(int fd, ConnectionCount count) {
        return new UnixChannel(this, fd, count);
    }

    @Override
    SocketAddress requireAddress(@Nullable SocketAddress local) {
        if (local != null) {
            return requireUnix(local);
        }
        String directory = System.getProperty("java.io.tmpdir");
        return UnixDomainSocketAddress.of(Path.of(directory, "uloop-" + UUID.randomUUID()));
    }
}
