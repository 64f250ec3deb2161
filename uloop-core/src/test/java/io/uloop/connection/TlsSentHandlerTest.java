package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.OPENED;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Writes on TLS connections report their result. */
class TlsSentHandlerTest extends EachTlsConnection {
    /** More than the kernel's buffers of both ends take. */
    private static final int LARGE = 16 << 20;

    private final List<Throwable> results = new ArrayList<>();
    private final SentHandler result = failure -> results.add(failure);

    /** Begins a handshake of {@link #client} as a client. */
    private Connection beginHandshake(TcpListener listener) throws IOException {
        TcpChannel channel = closing(TcpChannel.connect(loop, listener.getLocalAddress()));
        runUntil(channel::finishConnect);
        return Connection.open(channel, with(clientTls()), client);
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void writeIsReportedWhenThePeerHasTakenMostOfIt(String version) throws IOException {
        server.on(OPENED, Connection::pauseReading);
        open(version);
        client.connection.write(ByteBuffer.allocate(LARGE), result);
        int[] turns = new int[1];
        runUntil(() -> turns[0]++ > 5);
        assertThat(results).isEmpty();
        server.connection.resumeReading();
        runUntil(() -> results.size() == 1);
        assertThat(results).containsOnlyNulls();
        runUntil(() -> server.received.length() == LARGE);
    }

    @Test
    void writeDuringTheHandshakeIsReportedAfterOpened() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        Connection early = beginHandshake(listener);
        early.write(bytes("early"), result);
        early.whenSent(failure -> assertThat(client.isOpened()).isTrue());
        early.whenSent(result);
        int[] turns = new int[1];
        runUntil(() -> turns[0]++ > 5);
        assertThat(results).isEmpty();
        listener.register(Connection.acceptor(with(serverTls()), () -> server));
        runUntil(() -> results.size() == 2 && server.received.toString().equals("early"));
        assertThat(results).containsOnlyNulls();
    }

    @Test
    void failedHandshakeFailsTheWritesBeforeIt() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        Connection early = beginHandshake(listener);
        early.write(bytes("early"), result);
        TcpChannel peer = accept(listener);
        peer.write(bytes("this is not TLS"));
        runUntil(client::isOver);
        assertThat(client.openFailure).isNotNull();
        assertThat(results).containsExactly(client.openFailure);
    }

    @Test
    void closeDuringTheHandshakeFailsTheWritesBeforeIt() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        Connection early = beginHandshake(listener);
        early.write(bytes("early"), result);
        early.abort();
        runUntil(client::isOver);
        assertThat(results).hasSize(1).doesNotContainNull();
    }
}
