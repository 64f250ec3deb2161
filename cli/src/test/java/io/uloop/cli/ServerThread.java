package io.uloop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.Uloop;
import io.uloop.poller.tck.ChildJava;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Level;

/** Runs a server on a thread of this JVM, on a free port of the loopback address. */
final class ServerThread implements AutoCloseable {
    static final int TIMEOUT_MILLIS = (int) ChildJava.DEADLINE.toMillis();

    static {
        LogFormat.install(Level.WARNING); // as the program does
    }

    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final Uloop loop;
    private final Server server;
    private final Thread thread;
    private final InetSocketAddress address;

    ServerThread(String backend, Server.Opener opener) throws IOException {
        loop =
                Uloop.builder()
                        .poller(backend)
                        .errorHandler((where, source, failure) -> failures.add(failure))
                        .build();
        server = opener.open(loop, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        address = (InetSocketAddress) server.localAddress();
        thread = new Thread(this::run, "test-loop");
        thread.start();
    }

    private void run() {
        try {
            loop.run();
        } catch (IOException | RuntimeException | Error e) {
            failures.add(e);
        }
    }

    InetSocketAddress address() {
        return address;
    }

    Socket connect() throws IOException {
        return connect(address);
    }

    static Socket connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(address, TIMEOUT_MILLIS);
        return socket;
    }

    /** Stops the loop, closes the server and checks that the error handler was not called. */
    @Override
    public void close() throws IOException {
        loop.stop();
        try {
            thread.join(TIMEOUT_MILLIS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(thread.isAlive()).as("loop still running").isFalse();
        server.close();
        loop.close();
        assertThat(failures).isEmpty();
    }
}
