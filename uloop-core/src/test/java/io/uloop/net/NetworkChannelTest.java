package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.EachBackend;
import io.uloop.Uloop;
import io.uloop.poller.KernelSocketOptions;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.ChildJava;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of socket implements the contract of {@link NetworkChannel}. */
class NetworkChannelTest extends EachBackend {
    private static final List<ProtocolFamily> INTERNET =
            List.of(StandardProtocolFamily.INET, StandardProtocolFamily.INET6);

    private static final List<SocketOption<?>> BEYOND_THE_STANDARD =
            List.of(
                    KernelSocketOptions.IPV6_V6ONLY,
                    KernelSocketOptions.TCP_DEFER_ACCEPT,
                    KernelSocketOptions.TCP_USER_TIMEOUT,
                    KernelSocketOptions.UDP_GRO,
                    ExtendedSocketOptions.TCP_QUICKACK,
                    ExtendedSocketOptions.TCP_KEEPIDLE,
                    ExtendedSocketOptions.TCP_KEEPINTERVAL,
                    ExtendedSocketOptions.TCP_KEEPCOUNT);

    @TempDir private Path directory;

    /** One unbound socket of each kind, with an address for it. */
    private Map<LoopSocket, SocketAddress> sockets() throws IOException {
        Map<LoopSocket, SocketAddress> sockets = new LinkedHashMap<>();
        sockets.put(closing(TcpListener.open(loop, loopbackFamily())), anyPort());
        sockets.put(closing(TcpChannel.open(loop, loopbackFamily())), anyPort());
        sockets.put(closing(UdpChannel.open(loop, loopbackFamily())), anyPort());
        sockets.put(closing(UnixListener.open(loop)), path("listener"));
        sockets.put(closing(UnixChannel.open(loop)), path("channel"));
        return sockets;
    }

    private UnixDomainSocketAddress path(String name) {
        return UnixDomainSocketAddress.of(directory.resolve(name));
    }

    private SocketAddress ofOtherKind(LoopSocket socket) {
        return socket instanceof UnixListener || socket instanceof UnixChannel
                ? anyPort()
                : path("other");
    }

    @Test
    void secondBindThrows() throws IOException {
        for (Map.Entry<LoopSocket, SocketAddress> entry : sockets().entrySet()) {
            LoopSocket socket = entry.getKey();
            assertThat(socket.getLocalAddress()).as("%s", socket).isNull();
            assertThat(socket.bind(entry.getValue())).isSameAs(socket);
            SocketAddress local = socket.getLocalAddress();
            if (local instanceof InetSocketAddress inet) {
                assertThat(inet.getPort()).isPositive();
            } else {
                assertThat(local).isEqualTo(entry.getValue());
            }
            assertThatThrownBy(() -> socket.bind(entry.getValue()))
                    .as("%s", socket)
                    .isInstanceOf(AlreadyBoundException.class);
            assertThat(socket.getLocalAddress()).isEqualTo(local);
        }
    }

    @Test
    void bindToNullUsesAnyAddress() throws IOException {
        for (LoopSocket socket : sockets().keySet()) {
            assertThat(socket.bind(null)).isSameAs(socket);
            SocketAddress local = socket.getLocalAddress();
            if (local instanceof InetSocketAddress inet) {
                assertThat(inet.getAddress().isAnyLocalAddress()).as("%s", inet).isTrue();
                assertThat(inet.getPort()).isPositive();
            } else if (socket instanceof UnixListener) {
                assertThat(local).isInstanceOf(UnixDomainSocketAddress.class);
                Files.delete(((UnixDomainSocketAddress) local).getPath());
            } else {
                assertThat(socket).isInstanceOf(UnixChannel.class);
                assertThat(local).isNull();
            }
        }
    }

    @Test
    void inet6SocketOnWildcardServesBothVersions() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, StandardProtocolFamily.INET6));
        listener.bind(null);
        int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
        for (String host : new String[] {"127.0.0.1", "::1"}) {
            closing(TcpChannel.connect(loop, new InetSocketAddress(host, port)));
            accept(listener);
        }
    }

    @Test
    void inet6ListenerWithV6OnlyLeavesIpv4Free() throws IOException {
        TcpListener six = closing(TcpListener.open(loop, StandardProtocolFamily.INET6));
        if (provider.name().equals("select")) {
            assertThatThrownBy(() -> six.setOption(KernelSocketOptions.IPV6_V6ONLY, true))
                    .isInstanceOf(UnsupportedOperationException.class);
            return;
        }
        TcpListener four = closing(TcpListener.open(loop, StandardProtocolFamily.INET));
        // In this order, because a port that is free for IPv4 is rarely taken for IPv6.
        four.bind(new InetSocketAddress("0.0.0.0", 0));
        int port = ((InetSocketAddress) four.getLocalAddress()).getPort();
        six.setOption(KernelSocketOptions.IPV6_V6ONLY, true);
        assertThat(six.bind(new InetSocketAddress("::", port)).isOpen()).isTrue();
    }

    @Test
    void wrongAndUnresolvedAddressesAreRejected() throws IOException {
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("nowhere", 1);
        for (LoopSocket socket : sockets().keySet()) {
            SocketAddress other = ofOtherKind(socket);
            assertThatThrownBy(() -> socket.bind(other))
                    .as("%s", socket)
                    .isInstanceOf(UnsupportedAddressTypeException.class);
            if (socket instanceof StreamChannel channel) {
                assertThatThrownBy(() -> channel.connect(other))
                        .isInstanceOf(UnsupportedAddressTypeException.class);
            }
            if (socket instanceof UdpChannel channel) {
                assertThatThrownBy(() -> channel.connect(other))
                        .isInstanceOf(UnsupportedAddressTypeException.class);
                assertThatThrownBy(() -> channel.send(bytes("x"), other))
                        .isInstanceOf(UnsupportedAddressTypeException.class);
                assertThatThrownBy(() -> channel.send(bytes("x"), unresolved))
                        .isInstanceOf(UnresolvedAddressException.class);
            }
            if (!(other instanceof InetSocketAddress)) {
                assertThatThrownBy(() -> socket.bind(unresolved))
                        .isInstanceOf(UnresolvedAddressException.class);
            }
            assertThat(socket.getLocalAddress()).isNull();
        }
    }

    @Test
    void everySupportedOptionWorks() throws IOException {
        for (LoopSocket socket : socketsOfEachFamily()) {
            assertThat(socket.supportedOptions()).isNotEmpty();
            for (SocketOption<?> option : socket.supportedOptions()) {
                keep(socket, option);
            }
        }
    }

    private static <T> void keep(LoopSocket socket, SocketOption<T> option) throws IOException {
        if (option == ExtendedSocketOptions.SO_PEERCRED) { // NIO requires a connected socket
            return;
        }
        T value = socket.getOption(option);
        boolean written = option != ExtendedSocketOptions.SO_INCOMING_NAPI_ID; // read-only in NIO
        if (written && (option.type() == Boolean.class || option.type() == Integer.class)) {
            assertThat(socket.setOption(option, value)).isSameAs(socket);
            if (option != StandardSocketOptions.SO_SNDBUF
                    && option != StandardSocketOptions.SO_RCVBUF) { // kernels round it up
                assertThat(socket.getOption(option)).as("%s", option).isEqualTo(value);
            }
        }
    }

    @Test
    void supportedOptionsAreExactlyThoseThatWork() throws IOException {
        for (LoopSocket socket : socketsOfEachFamily()) {
            for (SocketOption<?> option : BEYOND_THE_STANDARD) {
                if (socket.supportedOptions().contains(option)) {
                    keep(socket, option);
                } else {
                    assertThatThrownBy(() -> socket.getOption(option))
                            .as("%s of %s", option, socket)
                            .isInstanceOf(UnsupportedOperationException.class);
                }
            }
        }
    }

    private List<LoopSocket> socketsOfEachFamily() throws IOException {
        List<LoopSocket> sockets = new ArrayList<>();
        for (ProtocolFamily family : INTERNET) {
            sockets.add(closing(TcpListener.open(loop, family)));
            sockets.add(closing(TcpChannel.open(loop, family)));
            sockets.add(closing(UdpChannel.open(loop, family)));
        }
        sockets.add(closing(UnixListener.open(loop)));
        sockets.add(closing(UnixChannel.open(loop)));
        return sockets;
    }

    @Test
    void supportedOptionsDependOnTheKindOfSocket() throws IOException {
        boolean nio = provider.name().equals("select");
        boolean linux = !nio && System.getProperty("os.name").startsWith("Linux");
        for (LoopSocket socket : socketsOfEachFamily()) {
            Set<SocketOption<?>> options = socket.supportedOptions();
            boolean tcp = socket instanceof TcpChannel;
            boolean udp = socket instanceof UdpChannel;
            assertThat(options).contains(StandardSocketOptions.SO_RCVBUF);
            assertThat(options.contains(StandardSocketOptions.IP_MULTICAST_TTL)).isEqualTo(udp);
            assertThat(options.contains(StandardSocketOptions.SO_BROADCAST)).isEqualTo(udp);
            assertThat(options.contains(StandardSocketOptions.SO_LINGER) && udp).isFalse();
            if (tcp) {
                assertThat(options)
                        .contains(
                                StandardSocketOptions.TCP_NODELAY,
                                ExtendedSocketOptions.TCP_KEEPIDLE);
                assertThat(options.contains(KernelSocketOptions.TCP_USER_TIMEOUT)).isEqualTo(linux);
            }
        }
        for (ProtocolFamily family : INTERNET) {
            assertThat(
                            closing(UdpChannel.open(loop, family))
                                    .supportedOptions()
                                    .contains(KernelSocketOptions.IPV6_V6ONLY))
                    .isEqualTo(!nio && family == StandardProtocolFamily.INET6);
        }
    }

    @Test
    void supportedOptionsAreSharedByAllSocketsOfAKind() throws IOException {
        for (String host : List.of("127.0.0.1", "::1")) {
            TcpListener listener = closing(TcpListener.open(loop, new InetSocketAddress(host, 0)));
            TcpChannel client = closing(TcpChannel.connect(loop, listener.getLocalAddress()));
            TcpChannel server = accept(listener);
            server.close();
            assertThat(server.supportedOptions()).isSameAs(client.supportedOptions());
        }
    }

    @Test
    void unsupportedOptionThrows() throws IOException {
        SocketOption<Boolean> option =
                new SocketOption<>() {
                    @Override
                    public String name() {
                        return "SO_WHAT";
                    }

                    @Override
                    public Class<Boolean> type() {
                        return Boolean.class;
                    }
                };
        for (LoopSocket socket : sockets().keySet()) {
            assertThat(socket.supportedOptions()).doesNotContain(option);
            assertThatThrownBy(() -> socket.setOption(option, true))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> socket.getOption(option))
                    .isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void invalidOptionValueIsRejected() throws IOException {
        for (LoopSocket socket : sockets().keySet()) {
            refuse(socket, StandardSocketOptions.SO_RCVBUF, -1);
            refuse(socket, StandardSocketOptions.SO_RCVBUF, null);
            refuse(socket, StandardSocketOptions.SO_RCVBUF, "much");
            if (socket.supportedOptions().contains(StandardSocketOptions.SO_REUSEADDR)) {
                refuse(socket, StandardSocketOptions.SO_REUSEADDR, null);
                refuse(socket, StandardSocketOptions.SO_REUSEADDR, 1);
            }
            if (socket.supportedOptions().contains(StandardSocketOptions.IP_TOS)) {
                refuse(socket, StandardSocketOptions.IP_TOS, 256);
            }
            if (socket instanceof UdpChannel) {
                refuse(socket, StandardSocketOptions.IP_MULTICAST_IF, null);
                refuse(socket, StandardSocketOptions.IP_MULTICAST_TTL, -1);
            }
        }
    }

    @SuppressWarnings("unchecked") // simulates code without generics
    private static void refuse(LoopSocket socket, SocketOption<?> option, @Nullable Object value) {
        assertThatIllegalArgumentException()
                .as("%s to %s of %s", value, option, socket)
                .isThrownBy(() -> socket.setOption((SocketOption<Object>) option, value));
    }

    @Test
    void nullOptionOrAddressIsRejected() throws IOException {
        for (LoopSocket socket : sockets().keySet()) {
            assertThatNullPointerException().isThrownBy(() -> socket.setOption(null, true));
            assertThatNullPointerException().isThrownBy(() -> socket.getOption(null));
            if (socket instanceof StreamChannel channel) {
                assertThatNullPointerException().isThrownBy(() -> channel.connect(null));
            }
            if (socket instanceof UdpChannel channel) {
                assertThatNullPointerException().isThrownBy(() -> channel.connect(null));
                assertThatNullPointerException()
                        .isThrownBy(() -> channel.send(bytes("x"), (SocketAddress) null));
            }
        }
    }

    @Test
    void supportedOptionsAreUnmodifiable() throws IOException {
        for (LoopSocket socket : sockets().keySet()) {
            assertThatThrownBy(() -> socket.supportedOptions().clear())
                    .isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void anyAddressHasTheSocketsFamily() throws Exception {
        for (String preferred : List.of("true", "false", "system")) {
            String said =
                    ChildJava.of(Binding.class, provider.name())
                            .options("-Djava.net.preferIPv6Addresses=" + preferred)
                            .run();
            assertThat(said).as(preferred).endsWith("bound\n");
        }
    }

    /** Binds sockets of both families to any address. */
    static final class Binding {
        private Binding() {}

        public static void main(String[] arguments) throws IOException {
            PollerProvider provider = Pollers.provider(arguments[0]);
            try (Uloop loop = Uloop.builder().poller(provider).build()) {
                for (ProtocolFamily family :
                        List.of(StandardProtocolFamily.INET, StandardProtocolFamily.INET6)) {
                    for (LoopSocket socket :
                            List.of(
                                    TcpListener.open(loop, family),
                                    TcpChannel.open(loop, family),
                                    UdpChannel.open(loop, family))) {
                        SocketAddress local = socket.bind(null).getLocalAddress();
                        assertThat(((InetSocketAddress) local).getPort()).isPositive();
                        socket.close();
                    }
                }
            }
            System.out.print("bound\n");
        }
    }

    @Test
    void listenersShareAPortWithReusePort() throws IOException {
        TcpListener first = closing(TcpListener.open(loop, loopbackFamily()));
        first.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        first.bind(anyPort(), 16);
        TcpListener second = closing(TcpListener.open(loop, loopbackFamily()));
        second.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        second.bind(first.getLocalAddress());
        TcpListener third = closing(TcpListener.open(loop, loopbackFamily()));
        assertThatThrownBy(() -> third.bind(first.getLocalAddress()))
                .hasMessageContaining("EADDRINUSE");
    }

    @Test
    void boundChannelConnectsFromItsAddress() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        TcpChannel client = closing(TcpChannel.open(loop, loopbackFamily()));
        SocketAddress from = client.bind(anyPort()).getLocalAddress();
        client.connect(listener.getLocalAddress());
        runUntil(client::finishConnect);
        TcpChannel server = accept(listener);
        assertThat(server.getRemoteAddress()).isEqualTo(from);
        assertThatThrownBy(() -> client.connect(listener.getLocalAddress()))
                .hasMessageContaining("EISCONN");
        assertThatThrownBy(() -> client.bind(anyPort())).isInstanceOf(AlreadyBoundException.class);
    }

    @Test
    void otherFamiliesAreRejected() {
        assertThatThrownBy(() -> TcpChannel.open(loop, StandardProtocolFamily.UNIX))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("family UNIX; use INET or INET6");
        assertThatThrownBy(() -> TcpListener.open(loop, StandardProtocolFamily.UNIX))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> UdpChannel.open(loop, StandardProtocolFamily.UNIX))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void closedSocketThrowsButListsItsOptions() throws IOException {
        for (Map.Entry<LoopSocket, SocketAddress> entry : sockets().entrySet()) {
            LoopSocket socket = entry.getKey();
            socket.close();
            socket.close();
            assertThat(socket.isOpen()).isFalse();
            assertThat(socket.supportedOptions()).isNotEmpty();
            assertClosed(() -> socket.bind(entry.getValue()));
            assertClosed(socket::getLocalAddress);
            assertClosed(() -> socket.setOption(StandardSocketOptions.SO_RCVBUF, 9000));
            assertClosed(() -> socket.getOption(StandardSocketOptions.SO_RCVBUF));
            assertClosed(() -> socket.modify(UEvent.IN));
            assertClosed(() -> socket.register(UEvent.IN, (fd, events) -> {}));
            socket.unregister();
            if (socket instanceof StreamChannel channel) {
                assertClosed(() -> channel.connect(entry.getValue()));
                assertClosed(channel::finishConnect);
                assertClosed(channel::getRemoteAddress);
                assertClosed(channel::shutdownInput);
                assertClosed(channel::shutdownOutput);
            }
        }
    }

    private static void assertClosed(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable operation) {
        assertThatThrownBy(operation).isInstanceOf(ClosedChannelException.class);
    }
}
