package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.EachBackend;
import io.uloop.Uloop;
import io.uloop.group.GroupListener;
import io.uloop.group.Spread;
import io.uloop.group.UloopGroup;
import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramBatch;
import io.uloop.poller.Descriptors;
import io.uloop.poller.tck.ChildJava;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A socket bound to the wildcard address serves IPv4 and IPv6. */
class WildcardAddressTest extends EachBackend {
    private static final List<InetAddress> HOSTS =
            List.of(
                    address(new byte[] {127, 0, 0, 1}, 0).getAddress(),
                    ipv6Loopback(0).getAddress());

    @BeforeEach
    void requireBothVersions() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(ipv6Loopback(0));
        } catch (IOException e) {
            assumeTrue(false, "this machine has no IPv6: " + e);
        }
    }

    private static InetSocketAddress at(InetAddress host, SocketAddress listening) {
        return new InetSocketAddress(host, ((InetSocketAddress) listening).getPort());
    }

    @Test
    void listenerAcceptsBothVersions() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, new InetSocketAddress(0)));
        for (InetAddress host : HOSTS) {
            TcpChannel client =
                    closing(TcpChannel.connect(loop, at(host, listener.getLocalAddress())));
            TcpChannel[] server = new TcpChannel[1];
            runUntil(() -> (server[0] = listener.accept()) != null);
            closing(server[0]);
            runUntil(client::finishConnect);
            assertThat(server[0].getRemoteAddress()).isEqualTo(client.getLocalAddress());
            assertThat(server[0].getLocalAddress()).isEqualTo(client.getRemoteAddress());
        }
    }

    @Test
    void datagramsOfBothVersionsAreReceivedAndAnswered() throws IOException {
        UdpChannel server = closing(UdpChannel.open(loop, new InetSocketAddress(0)));
        for (InetAddress host : HOSTS) {
            UdpChannel client = closing(UdpChannel.open(loop, new InetSocketAddress(host, 0)));
            InetSocketAddress place = at(host, server.getLocalAddress());
            ByteBuffer one = ByteBuffer.allocate(1);
            client.send(one.clear(), place);
            DatagramAddress sender = new DatagramAddress();
            runUntil(() -> server.receive(one.clear(), sender) != Descriptors.NONE);
            assertThat(sender.toSocketAddress()).isEqualTo(client.getLocalAddress());
            server.send(one.clear(), sender);
            client.send(one.clear(), place);
            SocketAddress[] object = new SocketAddress[1];
            runUntil(() -> (object[0] = server.receive(one.clear())) != null);
            assertThat(object[0]).isEqualTo(client.getLocalAddress());
            server.send(one.clear(), object[0]);
            client.send(one.clear(), place);
            DatagramBatch batch = new DatagramBatch(4, 1);
            runUntil(() -> server.receive(batch) == 1);
            assertThat(batch.address(0)).isEqualTo(sender);
            server.send(batch, 0, 1);
            for (int answers = 0; answers < 3; answers++) {
                runUntil(() -> client.receive(one.clear()) != null);
            }
        }
    }

    @Test
    void socketBoundToWildcardConnectsToBothVersions() throws IOException {
        for (InetAddress host : HOSTS) {
            UdpChannel peer = closing(UdpChannel.open(loop, new InetSocketAddress(host, 0)));
            UdpChannel channel = closing(UdpChannel.open(loop, new InetSocketAddress(0)));
            channel.connect(peer.getLocalAddress());
            assertThat(channel.getRemoteAddress()).isEqualTo(peer.getLocalAddress());
            assertThat(((InetSocketAddress) channel.getLocalAddress()).getAddress())
                    .isEqualTo(((InetSocketAddress) peer.getLocalAddress()).getAddress());
        }
    }

    @ParameterizedTest
    @EnumSource
    void groupAcceptsBothVersions(Spread spread) throws IOException {
        List<SocketAddress> peers = new CopyOnWriteArrayList<>();
        try (UloopGroup group =
                UloopGroup.builder().size(2).eachLoop(each -> each.poller(provider)).build()) {
            GroupListener listener =
                    GroupListener.open(
                            group,
                            new InetSocketAddress(0),
                            spread,
                            channel -> {
                                peers.add(channel.getRemoteAddress());
                                channel.close();
                            });
            for (int i = 0; i < 10; i++) {
                for (InetAddress host : HOSTS) {
                    closing(TcpChannel.connect(loop, at(host, listener.localAddress())));
                }
            }
            Awaitility.await().atMost(DEADLINE).until(() -> peers.size() == 20);
        }
        assertThat(peers)
                .filteredOn(peer -> ((InetSocketAddress) peer).getAddress() instanceof Inet4Address)
                .hasSize(10);
    }

    @Test
    void explicitFamilyIsTheOnlyOne() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, StandardProtocolFamily.INET));
        listener.bind(new InetSocketAddress(0));
        InetSocketAddress local = (InetSocketAddress) listener.getLocalAddress();
        assertThat(local.getAddress()).isInstanceOf(Inet4Address.class);
        UdpChannel channel = closing(UdpChannel.open(loop, StandardProtocolFamily.INET));
        channel.bind(new InetSocketAddress(0));
        assertThatThrownBy(() -> channel.send(bytes("x"), ipv6Loopback(9)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void preferIpv4StackServesOnlyIpv4() throws Exception {
        for (String preferred : List.of("true", "false")) {
            String output =
                    ChildJava.of(Listening.class, provider.name())
                            .options("-Djava.net.preferIPv4Stack=" + preferred)
                            .run();
            assertThat(output).as(preferred).endsWith("both: " + preferred.equals("false") + "\n");
        }
    }

    /** Prints whether sockets bound to the wildcard address serve both versions. */
    static final class Listening {
        private Listening() {}

        public static void main(String[] arguments) throws IOException {
            InetSocketAddress any = new InetSocketAddress(0);
            try (Uloop loop = Uloop.builder().poller(arguments[0]).build();
                    TcpListener listener = TcpListener.open(loop, any);
                    UdpChannel channel = UdpChannel.open(loop, any)) {
                boolean both = isInet6(listener.getLocalAddress());
                assertThat(isInet6(channel.getLocalAddress())).isEqualTo(both);
                System.out.println("both: " + both);
            }
        }

        private static boolean isInet6(SocketAddress address) {
            return ((InetSocketAddress) address).getAddress() instanceof Inet6Address;
        }
    }
}
