package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.net.AcceptHandler;
import io.uloop.net.Listener;
import io.uloop.net.SocketActivation;
import io.uloop.net.StreamChannel;
import io.uloop.net.TcpListener;
import io.uloop.net.UnixListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * An echo server that systemd starts on its first connection, and that ends when it is idle. Try
 * it: {@code systemd-socket-activate -l 7000 java -cp 'lib/*' ActivatedEcho.java}, then {@code nc
 * 127.0.0.1 7000}.
 */
final class ActivatedEcho {
    private static final Duration IDLE = Duration.ofSeconds(Integer.getInteger("idle", 60));

    private ActivatedEcho() {}

    public static void main(String[] arguments) throws IOException {
        try (Uloop loop = Uloop.open()) {
            AcceptHandler<StreamChannel> acceptor =
                    Connection.acceptor(ConnectionOptions.builder().build(), Echo::new);
            List<Listener<?>> listeners = new ArrayList<>();
            for (SocketActivation.Passed passed : SocketActivation.descriptors()) {
                Listener<?> listener = adopt(loop, passed.fd());
                listener.register(acceptor);
                listeners.add(listener);
                System.out.println(passed.name() + " is " + listener.getLocalAddress());
            }
            loop.callEvery(IDLE, () -> stopIfIdle(loop, listeners)).unref();
            loop.runUntilIdle(); // returns at once if nothing was passed
        }
    }

    private static Listener<?> adopt(Uloop loop, int fd) throws IOException {
        return loop.descriptors().kind(fd).isInternet()
                ? TcpListener.adopt(loop, fd)
                : UnixListener.adopt(loop, fd);
    }

    /** Leaves clients that come from now on to systemd, which then starts the program again. */
    private static void stopIfIdle(Uloop loop, List<Listener<?>> listeners) throws IOException {
        if (listeners.stream().allMatch(each -> each.connections() == 0)) {
            for (Listener<?> each : listeners) {
                each.close();
            }
            loop.stop();
        }
    }

    private static final class Echo implements ConnectionHandler {
        @Override
        public void received(Connection connection, ByteBuffer data) {
            connection.write(data);
        }
    }
}
