package io.uloop.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.connection.Connector;
import io.uloop.connection.TlsOptions;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests that a fake clock drives the timeouts of connections. None of these tests waits. */
@ExtendWith(UloopExtension.class)
@Timeout(300)
class ConnectionTimeoutsTest {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    /** The kernel's buffers, which otherwise grow while bytes are pending. */
    private static final int KERNEL_BYTES = 16 << 10;

    private static final Duration MOMENT = Duration.ofNanos(1);

    private final List<Throwable> causes = new ArrayList<>();
    private final List<String> received = new ArrayList<>();
    private final List<Connection> accepted = new ArrayList<>();
    private Uloop loop;
    private LoopScene scene;
    private FakeClock clock;

    /** Records failures, and counts what it receives. */
    private final class Recording implements ConnectionHandler {
        @Override
        public void received(Connection connection, ByteBuffer data) {
            received.add(data.remaining() + " bytes");
        }

        @Override
        public void openFailed(IOException cause) {
            causes.add(cause);
        }

        @Override
        public void closed(Connection connection, Throwable cause) {
            causes.add(cause);
        }
    }

    @BeforeEach
    void prepare(Uloop ofTest, LoopScene ofLoop, FakeClock ofTime) {
        loop = ofTest;
        scene = ofLoop;
        clock = ofTime;
    }

    /** Accepts a client of the JDK on a connection with these options. */
    private Socket serve(ConnectionOptions options) throws Exception {
        TcpListener listener = scene.closing(TcpListener.open(loop, anyPort()));
        listener.register(
                channel -> {
                    channel.setOption(StandardSocketOptions.SO_SNDBUF, KERNEL_BYTES);
                    accepted.add(Connection.open(channel, options, new Recording()));
                });
        InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
        Socket client = scene.closing(new Socket());
        client.setReceiveBufferSize(KERNEL_BYTES);
        client.connect(address);
        scene.runUntil("the client is accepted", () -> !accepted.isEmpty());
        return client;
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private void assertTimeout(Duration time, String words) throws IOException {
        clock.advance(time.minus(MOMENT));
        assertThat(causes).isEmpty();
        clock.advance(MOMENT);
        assertThat(causes)
                .singleElement()
                .isInstanceOfSatisfying(
                        SocketTimeoutException.class,
                        cause -> assertThat(cause).hasMessageContaining(words));
        assertThat(loop.metrics().timers()).isZero();
    }

    @EachBackend
    void idleTimeout() throws Exception {
        Socket client = serve(ConnectionOptions.builder().idleTimeout(TIMEOUT).build());
        clock.advance(TIMEOUT.dividedBy(2));
        client.getOutputStream().write(1);
        scene.runUntil("the byte arrives", () -> !received.isEmpty());
        assertTimeout(TIMEOUT, "no byte moved for PT10M");
    }

    @EachBackend
    void writeTimeout() throws Exception {
        serve(ConnectionOptions.builder().writeTimeout(TIMEOUT).build());
        Connection connection = accepted.get(0);
        clock.advance(TIMEOUT.multipliedBy(2));
        while (connection.isWritable()) {
            connection.write(ByteBuffer.allocate(1 << 20));
        }
        while (loop.runOnce(TimeUnit.MILLISECONDS.toNanos(100)) > 0) {
            // The kernel still takes some.
        }
        clock.advance(Duration.ZERO);
        assertTimeout(TIMEOUT, "the peer took none of the pending bytes for PT10M");
    }

    @EachBackend
    void connectTimeout() throws Exception {
        TcpListener full = scene.closing(TcpListener.open(loop, anyPort(), 1));
        InetSocketAddress silent = (InetSocketAddress) full.getLocalAddress();
        for (int i = 0; i < 10; i++) {
            scene.closing(TcpChannel.connect(loop, silent));
        }
        ConnectionOptions options = ConnectionOptions.builder().connectTimeout(TIMEOUT).build();
        Connector.connect(loop, List.of(silent), options, new Recording());
        assertTimeout(TIMEOUT, "cannot connect to [" + silent + "] within PT10M");
    }

    @EachBackend
    void handshakeTimeout() throws Exception {
        serve(
                ConnectionOptions.builder()
                        .tls(TlsOptions.server(context()).handshakeTimeout(TIMEOUT).build())
                        .build());
        assertTimeout(TIMEOUT, "the TLS handshake timed out after PT10M");
    }

    private static SSLContext context() throws NoSuchAlgorithmException {
        return SSLContext.getDefault();
    }
}
