package io.uloop.benchmarks.echo;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.HdrHistogram.Histogram;

/**
 * Load over TLS in a closed loop, with a thread and an {@link SSLSocket} per connection: {@code
 * TlsLoad KEYSTORE PORT CONNECTIONS SIZE}. Answers as load.c does. It uses more CPU time than the
 * servers, so it is the bottleneck.
 */
final class TlsLoad {
    private final List<Connection> connections = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private TlsLoad(SSLSocketFactory sockets, int port, int count, int bytes) throws IOException {
        for (int i = 0; i < count; i++) {
            SSLSocket socket =
                    (SSLSocket) sockets.createSocket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            connections.add(new Connection(socket, bytes));
        }
    }

    public static void main(String[] arguments) throws Exception {
        TlsLoad load =
                new TlsLoad(
                        socketFactory(Path.of(arguments[0])),
                        Integer.parseInt(arguments[1]),
                        Integer.parseInt(arguments[2]),
                        Integer.parseInt(arguments[3]));
        load.run(0); // completes the handshakes
        LoadDialog.obey(load::run);
        Runtime.getRuntime().halt(0);
    }

    private static SSLSocketFactory socketFactory(Path file)
            throws GeneralSecurityException, IOException {
        return TlsKey.load(file).context().getSocketFactory();
    }

    private String run(long millis) throws IOException {
        long begin = System.nanoTime();
        long end = begin + TimeUnit.MILLISECONDS.toNanos(millis);
        List<Callable<Histogram>> tasks = new ArrayList<>();
        for (Connection connection : connections) {
            tasks.add(() -> connection.run(end));
        }
        Histogram all = new Histogram(3);
        try {
            for (Future<Histogram> each : threads.invokeAll(tasks)) {
                all.add(each.get());
            }
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IOException("a connection failed: " + e.getCause(), e);
        }
        return LoadDialog.done(all, System.nanoTime() - begin, 0);
    }

    /** A connection with one message in flight. */
    private static final class Connection {
        private final SSLSocket socket;
        private final byte[] request;
        private final byte[] reply;
        private final Histogram latencies = new Histogram(3);

        Connection(SSLSocket socket, int bytes) {
            this.socket = socket;
            request = new byte[bytes];
            reply = new byte[bytes];
        }

        /** Sends one message or more, until a time. */
        Histogram run(long end) throws IOException {
            latencies.reset();
            InputStream input = socket.getInputStream();
            long begin = System.nanoTime();
            do {
                request[0]++;
                socket.getOutputStream().write(request);
                if (input.readNBytes(reply, 0, reply.length) < reply.length) {
                    throw new EOFException("the server closed a connection");
                }
                if (!Arrays.equals(request, reply)) {
                    throw new IOException("received an echo that differs from the message");
                }
                long now = System.nanoTime();
                latencies.recordValue(now - begin);
                begin = now;
            } while (begin - end < 0);
            return latencies;
        }
    }
}
