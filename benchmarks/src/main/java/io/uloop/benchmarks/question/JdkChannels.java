package io.uloop.benchmarks.question;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The channels of the JDK. */
final class JdkChannels implements SelectorReadiness.Channels {
    private @Nullable UnixDomainSocketAddress address;

    @Override
    public Selector selector() throws IOException {
        return Selector.open();
    }

    @Override
    public SelectableChannel datagram(boolean ready) throws IOException {
        DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        if (ready) {
            channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            channel.send(ByteBuffer.allocateDirect(1), channel.getLocalAddress());
        }
        return channel;
    }

    @Override
    public SelectableChannel[] pair() throws IOException {
        try (ServerSocketChannel server = listener()) {
            SocketChannel client = connect();
            return new SelectableChannel[] {client, server.accept()};
        } finally {
            close();
        }
    }

    @Override
    public ServerSocketChannel listener() throws IOException {
        Path path = Sockets.temporaryPath();
        address = UnixDomainSocketAddress.of(path);
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
    }

    @Override
    public SocketChannel connect() throws IOException {
        return SocketChannel.open(Objects.requireNonNull(address));
    }

    @Override
    public SelectableChannel accept(SelectableChannel listener) throws IOException {
        return ((ServerSocketChannel) listener).accept();
    }

    @Override
    public void close() throws IOException {
        if (address != null) {
            Sockets.delete(address.getPath());
            address = null;
        }
    }
}
