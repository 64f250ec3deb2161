package io.uloop.benchmarks.echo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import javax.net.ServerSocketFactory;
import org.jspecify.annotations.Nullable;

/** Echo with blocking calls of the JDK in one thread per connection. */
final class BlockingEcho {
    private BlockingEcho() {}

    /** Serves TCP with channels on virtual threads until the process ends. */
    static void runChannel(InetSocketAddress local, IntConsumer ready) throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(local, EchoServer.BACKLOG);
            ready.accept(((InetSocketAddress) listener.getLocalAddress()).getPort());
            while (listener.isOpen()) {
                SocketChannel channel = listener.accept();
                VirtualThreads.start(() -> serve(channel));
            }
        }
    }

    /**
     * Serves TCP or TLS with sockets and their streams until the process ends.
     *
     * @param threads starts the thread of a connection
     * @param key the key of a TLS server; null without TLS
     */
    static void runSocket(
            Consumer<Runnable> threads,
            @Nullable TlsKey key,
            InetSocketAddress local,
            IntConsumer ready)
            throws GeneralSecurityException, IOException {
        ServerSocketFactory sockets =
                key == null
                        ? ServerSocketFactory.getDefault()
                        : key.context().getServerSocketFactory();
        try (ServerSocket listener = sockets.createServerSocket()) {
            listener.bind(local, EchoServer.BACKLOG);
            ready.accept(listener.getLocalPort());
            while (!listener.isClosed()) {
                Socket socket = listener.accept();
                threads.accept(() -> serve(socket));
            }
        }
    }

    private static void serve(SocketChannel channel) {
        try (channel) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(EchoServer.CONNECTION_BUFFER_BYTES);
            while (channel.read(buffer.clear()) >= 0) {
                channel.write(buffer.flip());
            }
        } catch (IOException e) {
            // A reset by the peer is not a server failure.
        }
    }

    private static void serve(Socket socket) {
        try (socket) {
            InputStream input = socket.getInputStream();
            OutputStream output = socket.getOutputStream();
            byte[] bytes = new byte[EchoServer.CONNECTION_BUFFER_BYTES];
            for (int count; (count = input.read(bytes)) >= 0; ) {
                output.write(bytes, 0, count);
            }
        } catch (IOException e) {
            // A reset by the peer is not a server failure.
        }
    }
}
