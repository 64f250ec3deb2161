package io.uloop.poller.select;

import io.uloop.poller.DescriptorKind;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Tells what a channel is. */
final class ChannelKinds {
    private ChannelKinds() {}

    static DescriptorKind of(SelectableChannel channel) throws IOException {
        if (channel instanceof SocketChannel stream) {
            return socket(DescriptorKind.Type.STREAM_SOCKET, stream, false);
        }
        if (channel instanceof ServerSocketChannel listener) {
            boolean listening = listener.getLocalAddress() != null;
            return socket(DescriptorKind.Type.STREAM_SOCKET, listener, listening);
        }
        if (channel instanceof DatagramChannel datagram) {
            return socket(DescriptorKind.Type.DATAGRAM_SOCKET, datagram, false);
        }
        boolean pipe = channel instanceof Pipe.SourceChannel || channel instanceof Pipe.SinkChannel;
        return new DescriptorKind(
                pipe ? DescriptorKind.Type.PIPE : DescriptorKind.Type.OTHER, null, false);
    }

    private static DescriptorKind socket(
            DescriptorKind.Type type, NetworkChannel socket, boolean listening) throws IOException {
        return new DescriptorKind(type, family(socket), listening);
    }

    private static StandardProtocolFamily family(NetworkChannel socket) throws IOException {
        // NIO has no accessor. Only internet sockets have this option.
        if (!socket.supportedOptions().contains(StandardSocketOptions.SO_REUSEADDR)) {
            return StandardProtocolFamily.UNIX;
        }
        SocketAddress local = socket.getLocalAddress();
        return local instanceof InetSocketAddress inet && inet.getAddress() instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6;
    }
}
