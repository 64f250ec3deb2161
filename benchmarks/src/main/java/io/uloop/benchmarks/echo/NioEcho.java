package io.uloop.benchmarks.echo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Echo on the JDK's selector. */
final class NioEcho {
    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(EchoServer.BUFFER_BYTES);

    private NioEcho(Selector selector) {
        this.selector = selector;
    }

    /** Serves TCP until the process ends. */
    static void runTcp(InetSocketAddress local, IntConsumer ready) throws IOException {
        try (Selector selector = Selector.open();
                ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(local, EchoServer.BACKLOG).configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
            ready.accept(((InetSocketAddress) listener.getLocalAddress()).getPort());
            select(selector, new NioEcho(selector)::serveTcp);
        }
    }

    /** Serves UDP until the process ends. */
    static void runUdp(InetSocketAddress local, IntConsumer ready) throws IOException {
        try (Selector selector = Selector.open();
                DatagramChannel channel = DatagramChannel.open()) {
            channel.bind(local).configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            ready.accept(((InetSocketAddress) channel.getLocalAddress()).getPort());
            select(selector, new NioEcho(selector)::serveUdp);
        }
    }

    private static void select(Selector selector, Consumer<SelectionKey> action)
            throws IOException {
        while (selector.isOpen()) {
            selector.select(action);
        }
    }

    private void serveTcp(SelectionKey key) {
        try {
            if (key.channel() instanceof ServerSocketChannel listener) {
                accept(listener);
            } else if (key.attachment() instanceof ByteBuffer rest && rest.hasRemaining()) {
                writeRest(key, rest);
            } else {
                echo(key);
            }
        } catch (IOException e) {
            close(key);
        }
    }

    private void accept(ServerSocketChannel listener) throws IOException {
        for (SocketChannel channel; (channel = listener.accept()) != null; ) {
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
        }
    }

    private void echo(SelectionKey key) throws IOException {
        SocketChannel channel = (SocketChannel) key.channel();
        int count = channel.read(buffer.clear());
        if (count < 0) {
            close(key);
        } else if (count > 0) {
            channel.write(buffer.flip());
            if (buffer.hasRemaining()) {
                keep(key);
                key.interestOps(SelectionKey.OP_WRITE);
            }
        }
    }

    /** Keeps the unwritten bytes in a buffer of the connection. */
    private void keep(SelectionKey key) {
        ByteBuffer rest = (ByteBuffer) key.attachment();
        if (rest == null) {
            rest = ByteBuffer.allocateDirect(EchoServer.BUFFER_BYTES);
            key.attach(rest);
        }
        rest.clear().put(buffer).flip();
    }

    private static void writeRest(SelectionKey key, ByteBuffer rest) throws IOException {
        ((SocketChannel) key.channel()).write(rest);
        if (!rest.hasRemaining()) {
            key.interestOps(SelectionKey.OP_READ);
        }
    }

    private void serveUdp(SelectionKey key) {
        DatagramChannel channel = (DatagramChannel) key.channel();
        try {
            for (int i = 0; i < EchoServer.DATAGRAMS_PER_EVENT; i++) {
                @Nullable SocketAddress peer = channel.receive(buffer.clear());
                if (peer == null) {
                    return;
                }
                channel.send(buffer.flip(), peer); // dropped if it would block, as UDP allows loss
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void close(SelectionKey key) {
        try {
            key.channel().close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
