package io.uloop.descriptor;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Detects a TCP socket that has connected to itself. This happens if nothing listens on a port of
 * the ephemeral range, and the kernel chooses that port for the socket. Thread-safe.
 */
public final class SelfConnect {
    private SelfConnect() {}

    /**
     * Fails as if the connection had been refused if both ends are the same socket.
     *
     * @param fd the connected socket
     * @param local its own address
     * @param remote the address of its peer, null if the peer is gone
     * @throws PollerException ECONNREFUSED if the addresses are equal
     */
    public static void refuse(int fd, @Nullable SocketAddress local, @Nullable SocketAddress remote)
            throws PollerException {
        if (remote != null && remote.equals(local)) {
            throw new PollerException(
                    "connect",
                    remote.toString(),
                    fd,
                    Errno.ECONNREFUSED,
                    "nothing listens on that port, and the socket connected to itself");
        }
    }
}
