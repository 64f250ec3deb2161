package io.uloop.benchmarks.echo;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Echo over TCP on Uloop. If the backend supports EDGE, a connection is registered once and then
 * makes no system calls but reads and writes. All connections share one buffer. A connection keeps
 * a copy only of bytes that the kernel did not accept, in a buffer that it then keeps.
 */
final class UloopTcpEcho {
    private static final int EDGE_INTEREST = UEvent.IN | UEvent.OUT | UEvent.RDHUP | UEvent.EDGE;

    /** After these events, the end of the stream may follow a short read without a new edge. */
    private static final int ENDING = UEvent.RDHUP | UEvent.HUP | UEvent.ERR;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(EchoServer.BUFFER_BYTES);
    private final boolean edge;

    private UloopTcpEcho(boolean edge) {
        this.edge = edge;
    }

    /** Serves until the process ends. */
    static void run(String backend, InetSocketAddress local, IntConsumer ready) throws IOException {
        try (Uloop loop = Uloop.builder().poller(backend).build()) {
            boolean edge = (loop.provider().supportedEvents() & UEvent.EDGE) != 0;
            UloopTcpEcho echo = new UloopTcpEcho(edge);
            TcpListener listener = TcpListener.open(loop, local, EchoServer.BACKLOG);
            listener.register(echo::accepted);
            ready.accept(((InetSocketAddress) listener.getLocalAddress()).getPort());
            loop.run();
        }
    }

    private void accepted(TcpChannel channel) throws IOException {
        channel.register(edge ? EDGE_INTEREST : UEvent.IN, new Connection(channel));
    }

    /** One connection. */
    private final class Connection implements EventHandler {
        private final TcpChannel channel;
        private @Nullable ByteBuffer rest; // unwritten bytes, between position and limit
        private boolean pending; // whether there are some

        Connection(TcpChannel channel) {
            this.channel = channel;
        }

        @Override
        public void processEvent(int fd, int events) throws IOException {
            try {
                if ((rest != null && pending) ? writeRest(rest) : events != UEvent.OUT) {
                    echo(events);
                }
            } catch (IOException e) {
                channel.close(); // a reset by the peer is not a server failure
            }
        }

        private void echo(int events) throws IOException {
            ByteBuffer bytes = buffer;
            int count;
            do {
                count = channel.read(bytes.clear());
                if (count < 0) {
                    channel.close();
                    return;
                }
                if (count == 0) {
                    return;
                }
                channel.write(bytes.flip());
                if (bytes.hasRemaining()) {
                    keep(bytes);
                    return;
                }
                // A short read has drained the socket, so a second read is not needed.
            } while (edge && (count == bytes.capacity() || (events & ENDING) != 0));
        }

        private void keep(ByteBuffer bytes) throws IOException {
            if (rest == null) {
                rest = ByteBuffer.allocateDirect(EchoServer.BUFFER_BYTES);
            }
            rest.clear().put(bytes).flip();
            pending = true;
            if (!edge) {
                channel.modify(UEvent.OUT);
            }
        }

        /** Returns true if everything is written. */
        private boolean writeRest(ByteBuffer bytes) throws IOException {
            channel.write(bytes);
            if (bytes.hasRemaining()) {
                return false;
            }
            pending = false;
            if (!edge) {
                channel.modify(UEvent.IN);
            }
            return true;
        }
    }
}
