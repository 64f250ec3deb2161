package io.uloop.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.net.TcpChannel;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Tests connections that do not keep an idle run waiting. */
class UnrefConnectionTest extends EachConnection {
    private static final Duration HOUR = Duration.ofHours(1);

    private static final ConnectionOptions WITH_TIMEOUTS =
            ConnectionOptions.builder().idleTimeout(HOUR).writeTimeout(HOUR).build();

    /** Opens a connection of {@link #server} without a listener beside it. */
    private TcpChannel openAlone(ConnectionOptions options) throws IOException {
        TcpChannel[] ends = connection();
        Connection.open(ends[0], options, server);
        return ends[1];
    }

    @Test
    void timeoutsOfAnUnreferencedConnectionDoNotKeepARunWaiting() throws IOException {
        openAlone(WITH_TIMEOUTS);
        assertThat(server.connection.hasRef()).isTrue();
        server.connection.unref();
        assertThat(server.connection.hasRef()).isFalse();
        loop.runUntilIdle();
        server.connection.pauseReading();
        loop.runUntilIdle();
        server.connection.resumeReading();
        loop.runUntilIdle();
        assertThat(server.connection.isOpen()).isTrue();
        assertThat(loop.metrics().timers()).isEqualTo(1);
    }

    @Test
    void pendingBytesOfAnUnreferencedConnectionDoNotKeepARunWaiting() throws IOException {
        openAlone(WITH_TIMEOUTS);
        server.connection.unref();
        server.connection.write(bytes("x".repeat(8 << 20)));
        assertThat(server.connection.pendingBytes()).isPositive();
        loop.runUntilIdle();
        server.connection.close();
        loop.runUntilIdle();
        assertThat(server.isClosed()).isFalse();
    }

    @Test
    void idleTimeoutStillEndsAReferencedConnection() throws IOException {
        openAlone(ConnectionOptions.builder().idleTimeout(Duration.ofMillis(5)).build());
        loop.runUntilIdle();
        assertThat(server.isClosed()).isTrue();
    }

    @Test
    void referencedAgainKeepsARunWaitingUntilItsEnd() throws IOException {
        TcpChannel peer = openAlone(WITH_TIMEOUTS);
        server.connection.unref();
        loop.runUntilIdle();
        server.connection.ref();
        loop.callSoon(peer::close);
        loop.runUntilIdle();
        assertThat(server.isClosed()).isTrue();
    }

    @Test
    void unreferencedConnectionIsServedDuringARun() throws IOException {
        open();
        server.connection.unref();
        server.on(RecordingHandler.Call.RECEIVED, connection -> connection.write(bytes("back")));
        client.connection.write(bytes("hello"));
        runUntil(() -> client.received.toString().equals("back"));
        assertThat(server.received).hasToString("hello");
    }
}
