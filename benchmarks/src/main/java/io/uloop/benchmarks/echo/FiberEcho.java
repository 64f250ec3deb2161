package io.uloop.benchmarks.echo;

import io.uloop.Uloop;
import io.uloop.fiber.FiberListener;
import io.uloop.fiber.FiberMode;
import io.uloop.fiber.FiberSocket;
import io.uloop.fiber.Fibers;
import io.uloop.net.TcpListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.function.IntConsumer;

/** Echo over TCP with one fiber of Uloop per connection. */
final class FiberEcho {
    private final Fibers fibers;
    private final FiberListener listener;

    private FiberEcho(Fibers fibers, FiberListener listener) {
        this.fibers = fibers;
        this.listener = listener;
    }

    /** Serves until the process ends. */
    static void run(FiberMode mode, InetSocketAddress local, IntConsumer ready) throws IOException {
        try (Uloop loop = Uloop.builder().poller("epoll").build()) {
            TcpListener listener = TcpListener.open(loop, local, EchoServer.BACKLOG);
            Fibers fibers = Fibers.on(loop, mode);
            FiberEcho echo = new FiberEcho(fibers, FiberListener.of(fibers, listener));
            fibers.start("listener", echo::accept);
            ready.accept(((InetSocketAddress) listener.getLocalAddress()).getPort());
            fibers.run();
        }
    }

    private void accept() throws IOException {
        while (listener.isOpen()) {
            FiberSocket socket = listener.accept();
            fibers.start("connection", () -> serve(socket));
        }
    }

    private static void serve(FiberSocket socket) {
        try (socket) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(EchoServer.CONNECTION_BUFFER_BYTES);
            while (socket.read(buffer.clear()) >= 0) {
                socket.write(buffer.flip());
            }
        } catch (IOException e) {
            // A reset by the peer is not a server failure.
        }
    }
}
