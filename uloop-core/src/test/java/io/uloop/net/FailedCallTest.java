package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.EachBackend;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Failed calls leave their channel unchanged. */
class FailedCallTest extends EachBackend {
    /** An address that requires SO_BROADCAST. */
    private static final InetSocketAddress BROADCAST = address(new byte[] {-1, -1, -1, -1}, 9);

    @TempDir private Path directory;

    private static List<SocketAddress> unreachable() {
        return List.of(BROADCAST, ipv6Loopback(9), loopback(0));
    }

    @Test
    void failedConnectKeepsPeerAndDatagrams() throws IOException {
        try (UdpChannel peer = UdpChannel.open(loop, anyPort());
                UdpChannel stranger = UdpChannel.open(loop, anyPort());
                UdpChannel channel = UdpChannel.open(loop, anyPort())) {
            channel.connect(peer.getLocalAddress());
            SocketAddress local = channel.getLocalAddress();
            for (SocketAddress remote : unreachable()) {
                peer.send(bytes("before"), local);
                assertThatThrownBy(() -> channel.connect(remote)).isInstanceOf(IOException.class);
                stranger.send(bytes("strange"), local);
                peer.send(bytes("after"), local);
                assertThat(channel.getRemoteAddress()).isEqualTo(peer.getLocalAddress());
                assertThat(channel.getLocalAddress()).isEqualTo(local);
                for (String expected : new String[] {"before", "after"}) {
                    ByteBuffer target = ByteBuffer.allocate(8);
                    runUntil(() -> channel.read(target) > 0);
                    assertThat(text(target)).isEqualTo(expected);
                }
            }
            channel.connect(stranger.getLocalAddress());
            assertThat(channel.getRemoteAddress()).isEqualTo(stranger.getLocalAddress());
        }
    }

    @Test
    void failedConnectKeepsSendingToPeer() throws IOException {
        try (UdpChannel peer = UdpChannel.open(loop, anyPort());
                UdpChannel channel = UdpChannel.open(loop, anyPort())) {
            channel.connect(peer.getLocalAddress());
            for (SocketAddress remote : unreachable()) {
                assertThatThrownBy(() -> channel.connect(remote)).isInstanceOf(IOException.class);
                for (String expected : new String[] {"first", "second", "third"}) {
                    channel.write(bytes(expected));
                    ByteBuffer target = ByteBuffer.allocate(8);
                    runUntil(() -> peer.receive(target) != null);
                    assertThat(text(target)).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void failedConnectLeavesSocketUnbound() throws IOException {
        try (UdpChannel channel = UdpChannel.open(loop, StandardProtocolFamily.INET)) {
            for (SocketAddress remote : unreachable()) {
                assertThatThrownBy(() -> channel.connect(remote)).isInstanceOf(IOException.class);
                assertThat(channel.getLocalAddress()).isNull();
                assertThat(channel.getRemoteAddress()).isNull();
            }
            channel.bind(anyPort());
            assertThat(channel.getLocalAddress()).isNotNull();
        }
    }

    @Test
    void connectToBroadcastNeedsSoBroadcast() throws IOException {
        try (UdpChannel channel = UdpChannel.open(loop, StandardProtocolFamily.INET)) {
            channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
            channel.connect(BROADCAST);
            assertThat(channel.getRemoteAddress()).isEqualTo(BROADCAST);
        }
    }

    @Test
    void failedListenLeavesSocketUnbound() throws IOException {
        int fd = io.openDatagram(StandardProtocolFamily.INET);
        try {
            assertThatThrownBy(() -> io.listen(fd, anyPort(), 1))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("EOPNOTSUPP");
            assertThat(io.localAddress(fd)).isNull();
            io.bind(fd, anyPort());
        } finally {
            io.close(fd);
        }
    }

    @Test
    void failedUnixBindCreatesNoFile() throws IOException {
        Path first = directory.resolve("first");
        Path second = directory.resolve("second");
        try (UnixListener listener = UnixListener.open(loop, UnixDomainSocketAddress.of(first));
                UnixListener other = UnixListener.open(loop)) {
            assertThatThrownBy(() -> io.listen(listener.fd(), unix(second), 1))
                    .hasMessageContaining("EINVAL");
            assertThat(Files.exists(second)).isFalse();
            assertThatThrownBy(() -> other.bind(unix(first))).hasMessageContaining("EADDRINUSE");
            assertThat(other.getLocalAddress()).isNull();
            other.bind(unix(second));
            assertThat(other.getLocalAddress()).isEqualTo(unix(second));
        }
    }

    private static UnixDomainSocketAddress unix(Path path) {
        return UnixDomainSocketAddress.of(path);
    }
}
