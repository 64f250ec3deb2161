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
 * Echo over TCP on Uloop. Where the backend has EDGE, a connection is registered once, and nothing
 * but its reads and writes goes to the kernel afterwards. One buffer serves all connections; what
 * the kernel does not take of an echo is kept by its connection alone.
 */
final class UloopTcpEcho {
    private static final int EDGE_INTEREST = UEvent.IN | UEvent.OUT | UEvent.RDHUP | UEvent.EDGE;

    /** Behind a short read comes something that is no new edge. */
    private static final int ENDING = UEvent.RDHUP | UEvent.HUP | UEvent.ERR;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(EchoServer.BUFFER_BYTES);
    private final boolean edge;

    private UloopTcpEcho(boolean edge) {
        this.edge = edge;
    }

    /** Serves until the process ends. */
    static void run(String backend, InetSocketAddress local, IntConsumer ready) throws IOException {
        try (Uloop loop = Uloop.open(backend)) {
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
        private @Nullable ByteBuffer rest; // what is still to be written, ready for it

        Connection(TcpChannel channel) {
            this.channel = channel;
        }

        @Override
        public void processEvent(int fd, int events) throws IOException {
            try {
                if (rest != null ? writeRest(rest) : events != UEvent.OUT) {
                    echo(events);
                }
            } catch (IOException e) {
                channel.close(); // reset by the peer, which is no failure of a server
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
                // A short read has drained the socket: no second one to be told so.
            } while (edge && (count == bytes.capacity() || (events & ENDING) != 0));
        }

        private void keep(ByteBuffer bytes) throws IOException {
            rest = ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip();
            if (!edge) {
                channel.modify(UEvent.OUT);
            }
        }

        /** True if nothing is left. */
        private boolean writeRest(ByteBuffer bytes) throws IOException {
            channel.write(bytes);
            if (bytes.hasRemaining()) {
                return false;
            }
            rest = null;
            if (!edge) {
                channel.modify(UEvent.IN);
            }
            return true;
        }
    }
}
