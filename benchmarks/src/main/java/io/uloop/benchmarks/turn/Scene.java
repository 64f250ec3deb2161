package io.uloop.benchmarks.turn;

import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The descriptors of the contenders. C and Uloop share theirs. The JDK has its own of the same
 * kind, because its channels accept no others.
 */
final class Scene implements AutoCloseable {
    /** Two ends of a connection, both non-blocking. */
    record Channels(SocketChannel first, SocketChannel second) {}

    private final NativeDescriptors descriptors;
    private final Deque<Channel> channels = new ArrayDeque<>();
    private final Deque<Integer> numbers = new ArrayDeque<>();

    Scene(NativeDescriptors descriptors) {
        this.descriptors = descriptors;
    }

    /** Opens pipes that are always readable, because their byte is never read. */
    int[] readyPipes(int count) throws IOException {
        int[] readable = new int[count];
        for (int i = 0; i < count; i++) {
            Descriptors.Pipe pipe = descriptors.pipe();
            numbers.push(pipe.readEnd());
            numbers.push(pipe.writeEnd());
            descriptors.write(pipe.writeEnd(), ByteBuffer.allocate(1));
            readable[i] = pipe.readEnd();
        }
        return readable;
    }

    /** Opens the JDK's pipes that are always readable. */
    Pipe.SourceChannel[] readyJdkPipes(int count) throws IOException {
        Pipe.SourceChannel[] readable = new Pipe.SourceChannel[count];
        for (int i = 0; i < count; i++) {
            Pipe pipe = Pipe.open();
            channels.push(pipe.source());
            channels.push(pipe.sink());
            pipe.source().configureBlocking(false);
            pipe.sink().write(ByteBuffer.allocate(1));
            readable[i] = pipe.source();
        }
        return readable;
    }

    /** Opens a pair of connected unix sockets. */
    NativeDescriptors.SocketPair sockets() throws IOException {
        NativeDescriptors.SocketPair pair = descriptors.socketPair();
        numbers.push(pair.first());
        numbers.push(pair.second());
        return pair;
    }

    /** Opens a pair of connected unix sockets of the JDK. */
    Channels jdkSockets() throws IOException {
        Path folder = Files.createTempDirectory("uloop-bench");
        Path path = folder.resolve("socket");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
            server.bind(address);
            SocketChannel first = SocketChannel.open(address);
            channels.push(first);
            SocketChannel second = server.accept();
            channels.push(second);
            first.configureBlocking(false);
            second.configureBlocking(false);
            return new Channels(first, second);
        } finally {
            Files.deleteIfExists(path);
            Files.deleteIfExists(folder);
        }
    }

    /** Opens a socket that receives datagrams at a port of 127.0.0.1. */
    int datagramSocket() throws IOException {
        int socket = descriptors.openDatagram(StandardProtocolFamily.INET);
        numbers.push(socket);
        descriptors.bind(socket, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return socket;
    }

    /** Opens a channel of the JDK that receives datagrams at a port of 127.0.0.1. */
    DatagramChannel jdkDatagramChannel() throws IOException {
        DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        channels.push(channel);
        channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        channel.configureBlocking(false);
        return channel;
    }

    /** Closes all of them. */
    @Override
    public void close() throws IOException {
        while (!channels.isEmpty()) {
            channels.pop().close();
        }
        while (!numbers.isEmpty()) {
            descriptors.close(numbers.pop());
        }
    }
}
