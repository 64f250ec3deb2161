package io.uloop.benchmarks.echo;

import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.connection.Connector;
import io.uloop.connection.TlsOptions;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Load over TLS in a closed loop, with {@link Connection} on one thread, so that it takes no more
 * CPU time than the servers: {@code TlsLoad KEYSTORE PORT CONNECTIONS SIZE}. Answers as load.c
 * does.
 */
final class TlsLoad {
    private final Uloop loop;
    private final int bytes;
    private final List<Client> clients = new ArrayList<>();
    private final Histogram latencies = new Histogram(3);
    private CompletableFuture<Boolean> done = new CompletableFuture<>();
    private int underWay;
    private long end;

    private TlsLoad(Uloop loop, ConnectionOptions options, int port, int count, int bytes) {
        this.loop = loop;
        this.bytes = bytes;
        var server = List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        underWay = count; // handshakes
        for (int i = 0; i < count; i++) {
            Client client = new Client();
            clients.add(client);
            Connector.connect(loop, server, options, client);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Logger.getLogger("").setLevel(Level.WARNING);
        int port = Integer.parseInt(arguments[1]);
        TlsOptions tls =
                TlsOptions.client(TlsKey.load(Path.of(arguments[0])).context(), "localhost", port)
                        .build();
        ConnectionOptions options = ConnectionOptions.builder().tls(tls).build();
        try (Uloop loop = Uloop.open()) {
            TlsLoad load =
                    new TlsLoad(
                            loop,
                            options,
                            port,
                            Integer.parseInt(arguments[2]),
                            Integer.parseInt(arguments[3]));
            load.await();
            LoadDialog.obey(load::run);
            Runtime.getRuntime().halt(0);
        }
    }

    private String run(long millis) throws IOException {
        latencies.reset();
        done = new CompletableFuture<>();
        underWay = clients.size();
        long begin = System.nanoTime();
        end = begin + TimeUnit.MILLISECONDS.toNanos(millis);
        for (Client client : clients) {
            client.send(System.nanoTime());
        }
        await();
        return LoadDialog.done(latencies, System.nanoTime() - begin, 0);
    }

    /** Runs the loop until nothing is under way. */
    private void await() throws IOException {
        try {
            loop.runUntil(done);
        } catch (ExecutionException e) {
            throw new IOException("a connection failed: " + e.getCause(), e);
        }
    }

    private void finish() {
        if (--underWay == 0) {
            done.complete(true);
        }
    }

    /** A connection with one message in flight. */
    private final class Client implements ConnectionHandler {
        private final ByteBuffer request = ByteBuffer.allocateDirect(bytes);
        private final ByteBuffer reply = ByteBuffer.allocateDirect(bytes);
        private @Nullable Connection connection;
        private byte number;
        private long sentNanos;

        void send(long nanos) {
            if (connection == null) {
                throw new IllegalStateException("not connected");
            }
            sentNanos = nanos;
            reply.clear();
            connection.write(request.clear().put(0, ++number));
        }

        @Override
        public void opened(Connection opened) {
            connection = opened;
            finish();
        }

        @Override
        public void openFailed(IOException cause) {
            done.completeExceptionally(cause);
        }

        @Override
        public void received(Connection from, ByteBuffer data) throws IOException {
            reply.put(data);
            if (reply.hasRemaining()) {
                return;
            }
            if (!reply.flip().equals(request.clear())) {
                throw new IOException("received an echo that differs from the message");
            }
            long now = System.nanoTime();
            latencies.recordValue(now - sentNanos);
            if (now - end < 0) {
                send(now);
            } else {
                finish();
            }
        }

        @Override
        public void closed(Connection closed, @Nullable Throwable cause) {
            done.completeExceptionally(
                    cause == null ? new EOFException("the server closed a connection") : cause);
        }
    }
}
