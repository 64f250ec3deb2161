package io.uloop.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.CapturedLog;
import io.uloop.net.TcpChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Events that peers can repeat at will log few lines. */
class LogStormTest extends EachTlsConnection {
    private static final int PEERS = 50;

    @Test
    void plaintextToTlsPortLogsFewLines() throws IOException {
        try (CapturedLog log = new CapturedLog("io.uloop.connection")) {
            InetSocketAddress address = serve(with(serverTls()), () -> (connection, data) -> {});
            for (int i = 0; i < PEERS; i++) {
                TcpChannel peer = closing(TcpChannel.connect(loop, address));
                runUntil(peer::finishConnect);
                peer.write(bytes("GET / HTTP/1.1\r\n\r\n"));
                ByteBuffer answer = ByteBuffer.allocate(100);
                runUntil(() -> isOver(peer, answer));
                peer.close();
            }
            runUntil(() -> loop.metrics().descriptors() == 1); // only the listener's
            assertThat(log.messages()) // none if another backend has just used the limit
                    .hasSizeLessThan(PEERS / 2)
                    .allMatch(line -> !line.contains("\n"));
            assertThat(log.records()).allMatch(each -> each.getThrown() == null);
        }
    }

    @Test
    void handlerExceptionsLogFewLinesAndAreCounted() throws IOException {
        long errors = loop.metrics().errors();
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            InetSocketAddress address =
                    serve(
                            ConnectionOptions.DEFAULTS,
                            () ->
                                    (connection, data) -> {
                                        throw new IllegalStateException("bad request");
                                    });
            for (int i = 0; i < PEERS; i++) {
                TcpChannel peer = closing(TcpChannel.connect(loop, address));
                runUntil(peer::finishConnect);
                peer.write(ByteBuffer.wrap(new byte[1]));
                ByteBuffer answer = ByteBuffer.allocate(100);
                runUntil(() -> isOver(peer, answer));
                peer.close();
            }
            runUntil(() -> loop.metrics().errors() - errors == PEERS);
            failures.clear();
            assertThat(log.messages()).isNotEmpty().hasSizeLessThan(PEERS / 2);
        }
    }

    private static boolean isOver(TcpChannel peer, ByteBuffer answer) {
        try {
            return peer.read(answer.clear()) < 0;
        } catch (IOException e) {
            return true; // ended by a reset
        }
    }
}
