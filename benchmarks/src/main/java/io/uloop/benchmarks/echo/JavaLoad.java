package io.uloop.benchmarks.echo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The load generator for machines without a C compiler. Arguments and answers are those of load.c,
 * but it sends no segmented datagrams and only runs closed loops. It uses more CPU time than the
 * servers in C, so it may be the bottleneck.
 */
final class JavaLoad {
    private static final long RETRY_MILLIS = 250;
    private static final int MAX_RETRIES = 40;

    private final boolean datagrams;
    private final InetSocketAddress server;
    private final int bytes;
    private final Selector selector = Selector.open();
    private final List<Connection> connections = new ArrayList<>();
    private final List<ByteChannel> idle = new ArrayList<>();
    private final ByteBuffer reply;
    private final Histogram latencies = new Histogram(3);
    private int underWay;
    private long lost;
    private long endNanos;

    private JavaLoad(String[] arguments) throws IOException {
        datagrams = arguments[0].equals("udp");
        int port = Integer.parseInt(arguments[1]);
        server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        bytes = Integer.parseInt(arguments[3]);
        reply = ByteBuffer.allocateDirect(bytes);
        for (int i = Integer.parseInt(arguments[4]); i > 0; i--) {
            idle.add((ByteChannel) connect());
        }
        for (int i = Integer.parseInt(arguments[2]); i > 0; i--) {
            SelectableChannel channel = connect();
            channel.configureBlocking(false);
            Connection connection = new Connection((ByteChannel) channel);
            channel.register(selector, SelectionKey.OP_READ, connection);
            connections.add(connection);
        }
    }

    public static void main(String[] arguments) throws IOException {
        JavaLoad load = new JavaLoad(arguments);
        LoadDialog.obey(load::run);
    }

    private SelectableChannel connect() throws IOException {
        if (datagrams) {
            return DatagramChannel.open().connect(server);
        }
        return SocketChannel.open(server)
                .setOption(
                        StandardSocketOptions.SO_LINGER, 0) // a reset leaves no port in TIME_WAIT
                .setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    private String run(long millis) throws IOException {
        latencies.reset();
        lost = 0;
        long begin = System.nanoTime();
        endNanos = begin + TimeUnit.MILLISECONDS.toNanos(millis);
        for (Connection connection : connections) {
            connection.start(System.nanoTime());
        }
        int retries = 0;
        while (underWay > 0) {
            if (selector.select(JavaLoad::receive, RETRY_MILLIS) > 0) {
                retries = 0;
            } else if (++retries > MAX_RETRIES) {
                throw new IOException("no echo within ten seconds");
            } else if (datagrams) {
                sendAgain();
            }
        }
        return LoadDialog.done(latencies, System.nanoTime() - begin, lost);
    }

    private static void receive(SelectionKey key) {
        try {
            ((Connection) key.attachment()).receive();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void sendAgain() throws IOException {
        for (Connection connection : connections) {
            if (connection.underWay) {
                lost++;
                connection.send(System.nanoTime());
            }
        }
    }

    /** A connection with one message in flight at a time. */
    private final class Connection {
        private final ByteChannel channel;
        private final ByteBuffer request = ByteBuffer.allocateDirect(bytes);
        private byte number; // of the message in flight, stored in its first byte
        private boolean underWay;
        private int received;
        private long sentNanos;

        Connection(ByteChannel channel) {
            this.channel = channel;
        }

        void start(long nanos) throws IOException {
            number++;
            underWay = true;
            JavaLoad.this.underWay++;
            send(nanos);
        }

        void send(long nanos) throws IOException {
            sentNanos = nanos;
            received = 0;
            request.clear().put(0, number);
            while (request.hasRemaining() && channel.write(request) >= 0) {
                Thread.onSpinWait(); // the server has nothing to write, so it reads
            }
        }

        void receive() throws IOException {
            int count = channel.read(reply.clear().limit(datagrams ? bytes : bytes - received));
            if (count < 0) {
                throw new IOException("the server closed a connection");
            }
            if (count > 0 && received == 0 && reply.get(0) != number) {
                if (!datagrams) {
                    throw new IOException("received an echo that differs from the message");
                }
                return; // a late echo of a datagram that was resent
            }
            received += count;
            if (received < bytes || !underWay) {
                return;
            }
            long now = System.nanoTime();
            underWay = false;
            JavaLoad.this.underWay--;
            latencies.recordValue(now - sentNanos);
            if (now - endNanos < 0) {
                start(now);
            }
        }
    }
}
