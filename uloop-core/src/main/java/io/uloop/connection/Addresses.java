package io.uloop.connection;

import io.uloop.Uloop;
import io.uloop.net.StreamChannel;
import io.uloop.net.TcpChannel;
import io.uloop.net.UnixChannel;
import io.uloop.poller.UnixAddress;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.ArrayList;
import java.util.List;

/** Orders the addresses of a host and starts to connect to one. */
final class Addresses {
    private Addresses() {}

    /**
     * Alternates between the families, starting with that of the first address. Keeps the order
     * within each family.
     */
    static List<SocketAddress> interleaved(List<? extends SocketAddress> addresses) {
        ProtocolFamily first = family(addresses.get(0));
        List<SocketAddress> ones = new ArrayList<>();
        List<SocketAddress> others = new ArrayList<>();
        for (SocketAddress address : addresses) {
            (family(address).equals(first) ? ones : others).add(address);
        }
        List<SocketAddress> all = new ArrayList<>();
        for (int i = 0; all.size() < addresses.size(); i++) {
            if (i < ones.size()) {
                all.add(ones.get(i));
            }
            if (i < others.size()) {
                all.add(others.get(i));
            }
        }
        return all;
    }

    private static ProtocolFamily family(SocketAddress address) {
        if (isUnix(address)) {
            return StandardProtocolFamily.UNIX;
        }
        if (!(address instanceof InetSocketAddress inet)) {
            throw new UnsupportedAddressTypeException();
        }
        if (inet.isUnresolved()) {
            throw new UnresolvedAddressException();
        }
        return inet.getAddress() instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6;
    }

    /** Returns whether an address is one of the unix domain. */
    static boolean isUnix(SocketAddress address) {
        return address instanceof UnixDomainSocketAddress || address instanceof UnixAddress;
    }

    /** Prepares a socket and starts to connect it. */
    static StreamChannel connect(Uloop loop, SocketAddress address, StreamPreparation preparation)
            throws IOException {
        StreamChannel socket =
                isUnix(address) ? UnixChannel.open(loop) : TcpChannel.open(loop, family(address));
        try {
            prepare(socket, address, preparation);
            socket.connect(address);
            return socket;
        } catch (IOException | RuntimeException | Error e) {
            SocketConnection.closeAfter(socket, e);
            throw e;
        }
    }

    private static void prepare(
            StreamChannel socket, SocketAddress address, StreamPreparation preparation)
            throws IOException {
        try {
            preparation.prepare(socket);
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            throw new IOException("cannot prepare a socket for " + address + ": " + e, e);
        }
    }
}
