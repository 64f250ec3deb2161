package io.uloop.poller.select;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.DatagramChannel;
import java.util.List;

/**
 * Changes the peer of a datagram socket as a kernel does: a failure leaves the socket unchanged.
 * NIO binds an unbound socket before its connect fails. It also requires a connected socket to
 * disconnect first, which admits datagrams from any sender. Therefore another socket tries the
 * address first.
 */
final class DatagramPeer {
    /** The options that affect whether a peer is accepted. */
    private static final List<SocketOption<?>> DECISIVE =
            List.of(StandardSocketOptions.SO_BROADCAST, StandardSocketOptions.IP_MULTICAST_IF);

    private DatagramPeer() {}

    static void set(DatagramChannel socket, SocketAddress peer) throws IOException {
        SocketAddress former = socket.getRemoteAddress();
        if (former == null) {
            probe(socket, peer);
            socket.connect(peer);
            return;
        }
        try {
            socket.connect(peer);
        } catch (AlreadyConnectedException e) {
            // NIO has checked the address first, so the socket's family accepts it.
        }
        probe(socket, peer);
        socket.disconnect();
        try {
            socket.connect(peer);
        } catch (IOException | RuntimeException e) {
            restore(socket, former, e);
            throw e;
        }
    }

    /** Fails as the socket would. */
    private static void probe(DatagramChannel socket, SocketAddress peer) throws IOException {
        try (DatagramChannel probe = DatagramChannel.open()) {
            for (SocketOption<?> option : DECISIVE) {
                copy(socket, probe, option);
            }
            if (socket.getLocalAddress() instanceof InetSocketAddress local
                    && !local.getAddress().isAnyLocalAddress()) {
                probe.bind(new InetSocketAddress(local.getAddress(), 0));
            }
            probe.connect(peer);
        }
    }

    private static <T> void copy(DatagramChannel from, DatagramChannel to, SocketOption<T> option)
            throws IOException {
        T value = from.getOption(option);
        if (value != null) {
            to.setOption(option, value);
        }
    }

    /**
     * Reconnects a socket to its previous peer. Closes the socket if that fails, because it would
     * receive from any sender.
     */
    private static void restore(DatagramChannel socket, SocketAddress former, Exception failure)
            throws IOException {
        try {
            socket.connect(former);
        } catch (IOException | RuntimeException e) {
            failure.addSuppressed(e);
            socket.close();
        }
    }
}
