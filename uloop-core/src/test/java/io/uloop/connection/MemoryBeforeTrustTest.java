package io.uloop.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.Uloop;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.poller.PollerProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Untrusted peers make a loop hold little, limited and released memory. */
class MemoryBeforeTrustTest extends EachTlsConnection {
    private static final int BUDGET = 1 << 20;
    private static final int PEERS = 40;

    @Override
    protected Uloop build(PollerProvider backend) throws IOException {
        return closing(
                Uloop.builder()
                        .poller(backend)
                        .bufferBudget(BUDGET)
                        .errorHandler((where, source, error) -> failures.add(error))
                        .build());
    }

    private TcpChannel connect(InetSocketAddress address) throws IOException {
        TcpChannel peer = closing(TcpChannel.open(loop, loopbackFamily()));
        peer.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
        peer.connect(address);
        runUntil(peer::finishConnect);
        return peer;
    }

    /** Connects peers that each send the same bytes. Returns once the server has read them. */
    private List<TcpChannel> connect(ConnectionOptions options, int count, byte[] sent)
            throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        listener.register(
                Connection.acceptor(
                        options,
                        () ->
                                new ConnectionHandler() {
                                    @Override
                                    public void received(Connection by, ByteBuffer data) {}

                                    @Override
                                    public void openFailed(IOException cause) {}
                                }));
        List<TcpChannel> peers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            TcpChannel peer = connect((InetSocketAddress) listener.getLocalAddress());
            peers.add(peer);
            ByteBuffer bytes = ByteBuffer.wrap(sent);
            runUntil(
                    () -> {
                        peer.write(bytes);
                        return !bytes.hasRemaining();
                    });
        }
        runUntil(() -> listener.connections() == count);
        for (int quiet = 0; quiet < 3; ) {
            quiet = loop.runOnce(20_000_000) == 0 ? quiet + 1 : 0;
        }
        return peers;
    }

    private void closeAll(List<TcpChannel> peers) throws IOException {
        for (TcpChannel peer : peers) {
            peer.close();
        }
        runUntil(() -> loop.metrics().descriptors() == 1);
        assertThat(loop.metrics().bufferedBytes()).isZero();
    }

    @Test
    void silentPeerHoldsNoMemory() throws IOException {
        List<TcpChannel> peers = connect(with(serverTls()), PEERS, new byte[0]);
        assertThat(loop.metrics().bufferedBytes()).isZero();
        closeAll(peers);
    }

    @Test
    void partialRecordHoldsAboutItsSize() throws IOException {
        byte[] half = HexFormat.of().parseHex("160301400001");
        List<TcpChannel> peers = connect(with(serverTls()), PEERS, half);
        assertThat(loop.metrics().bufferedBytes()).isPositive().isLessThanOrEqualTo(PEERS * 1024);
        assertThat(loop.metrics().endedForMemory()).isZero();
        closeAll(peers);
    }

    /** A record carries the first 1,000 bytes of a message of 20,000. */
    @Test
    void partialMessageIsCounted() throws IOException {
        byte[] part = new byte[1_005];
        System.arraycopy(HexFormat.of().parseHex("16030103e801004e20"), 0, part, 0, 9);
        List<TcpChannel> peers = connect(with(serverTls()), 5, part);
        assertThat(loop.metrics().bufferedBytes()).isBetween(5_000L, 5 * 20_000L);
        closeAll(peers);
    }

    @Test
    void stalledHandshakesEndWhenTheBudgetIsExhausted() throws IOException {
        byte[] part = new byte[16_389];
        System.arraycopy(HexFormat.of().parseHex("160301400001007ffc"), 0, part, 0, 9);
        List<TcpChannel> peers = connect(with(serverTls()), 60, part);
        assertThat(loop.metrics().bufferedBytes()).isLessThanOrEqualTo(BUDGET);
        assertThat(loop.metrics().endedForMemory()).isPositive();
        assertOthersAreServed(with(clientTls()), with(serverTls()));
        closeAllOfTwo(peers);
    }

    @Test
    void failedHandshakeHoldsNoMemory() throws IOException {
        byte[] garbage = new byte[64 << 10];
        List<TcpChannel> peers = connect(with(serverTls()), 5, garbage);
        assertThat(loop.metrics().bufferedBytes()).isZero();
        closeAll(peers);
    }

    @Test
    void peersThatDoNotReadEndWhenTheBudgetIsExhausted() throws IOException {
        List<Connection> opened = new ArrayList<>();
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        listener.register(
                Connection.acceptor(
                        ConnectionOptions.DEFAULTS,
                        () ->
                                new ConnectionHandler() {
                                    @Override
                                    public void opened(Connection by) throws IOException {
                                        opened.add(by);
                                        by.setOption(StandardSocketOptions.SO_SNDBUF, 4096);
                                        while (by.write(ByteBuffer.allocate(8192))) {
                                            // until it is full
                                        }
                                    }

                                    @Override
                                    public void received(Connection by, ByteBuffer data) {}
                                }));
        List<TcpChannel> peers = new ArrayList<>();
        for (int i = 0; i < PEERS; i++) {
            peers.add(connect((InetSocketAddress) listener.getLocalAddress()));
        }
        runUntil(() -> opened.size() == PEERS);
        assertThat(loop.metrics().bufferedBytes()).isLessThanOrEqualTo(BUDGET);
        assertThat(loop.metrics().endedForMemory()).isPositive();
        assertThat(opened).anyMatch(Connection::isOpen).anyMatch(each -> !each.isOpen());
        assertOthersAreServed(ConnectionOptions.DEFAULTS, ConnectionOptions.DEFAULTS);
        closeAllOfTwo(peers);
    }

    private void closeAllOfTwo(List<TcpChannel> peers) throws IOException {
        for (TcpChannel peer : peers) {
            peer.close();
        }
        runUntil(() -> loop.metrics().descriptors() == 2);
        assertThat(loop.metrics().bufferedBytes()).isZero();
    }
}
