package io.uloop.poller.posix.socket;

import static io.uloop.poller.posix.Failures.assertFails;
import static io.uloop.poller.tck.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.KernelSocketOptions;
import io.uloop.poller.posix.DescriptorsTest;
import io.uloop.poller.posix.Loopback;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.tck.Ends;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.util.List;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

final class SocketOptionsTest extends DescriptorsTest {
    SocketOptionsTest(boolean linux) {
        super(linux);
    }

    /** An option and two values of it. */
    record Case<T>(SocketOption<T> option, T one, T other) {}

    static List<Case<?>> optionsOfStreams() {
        return List.of(
                new Case<>(StandardSocketOptions.SO_REUSEADDR, true, false),
                new Case<>(StandardSocketOptions.SO_REUSEPORT, true, false),
                new Case<>(StandardSocketOptions.SO_KEEPALIVE, true, false),
                new Case<>(StandardSocketOptions.SO_SNDBUF, 30_000, 60_000),
                new Case<>(StandardSocketOptions.SO_RCVBUF, 30_000, 60_000),
                new Case<>(StandardSocketOptions.SO_LINGER, 0, -1),
                new Case<>(StandardSocketOptions.TCP_NODELAY, true, false),
                new Case<>(StandardSocketOptions.IP_TOS, 0, 16),
                new Case<>(KernelSocketOptions.TCP_USER_TIMEOUT, 1000, 2000),
                new Case<>(ExtendedSocketOptions.TCP_KEEPIDLE, 100, 200),
                new Case<>(ExtendedSocketOptions.TCP_KEEPINTERVAL, 10, 20),
                new Case<>(ExtendedSocketOptions.TCP_KEEPCOUNT, 3, 4));
    }

    static List<Case<?>> optionsOfDatagrams() {
        return List.of(
                new Case<>(StandardSocketOptions.SO_BROADCAST, true, false),
                new Case<>(StandardSocketOptions.SO_REUSEADDR, true, false),
                new Case<>(KernelSocketOptions.UDP_GRO, true, false),
                new Case<>(StandardSocketOptions.IP_TOS, 0, 255),
                new Case<>(StandardSocketOptions.IP_MULTICAST_TTL, 0, 255),
                new Case<>(StandardSocketOptions.IP_MULTICAST_LOOP, false, true));
    }

    @ParameterizedTest
    @MethodSource("optionsOfStreams")
    <T> void streamOptionsRoundTrip(Case<T> option) throws IOException {
        roundTrip(option, track(descriptors.openStream(StandardProtocolFamily.INET)));
        roundTrip(option, track(descriptors.openListener(StandardProtocolFamily.INET6)));
    }

    @ParameterizedTest
    @MethodSource("optionsOfDatagrams")
    <T> void datagramOptionsRoundTrip(Case<T> option) throws IOException {
        roundTrip(option, track(descriptors.openDatagram(StandardProtocolFamily.INET)));
        roundTrip(option, track(descriptors.openDatagram(StandardProtocolFamily.INET6)));
    }

    private <T> void roundTrip(Case<T> option, int fd) throws IOException {
        descriptors.setOption(fd, option.option, option.one);
        assertThat(descriptors.option(fd, option.option)).isEqualTo(option.one);
        descriptors.setOption(fd, option.option, option.other);
        assertThat(descriptors.option(fd, option.option)).isEqualTo(option.other);
        descriptors.setOption(fd, option.option, option.one);
        assertThat(descriptors.option(fd, option.option)).isEqualTo(option.one);
    }

    @ParameterizedTest
    @EnumSource(names = {"INET", "INET6"})
    void multicastInterfaceIsNullUntilSet(StandardProtocolFamily family) throws IOException {
        int fd = track(descriptors.openDatagram(family));
        assertThat(descriptors.option(fd, StandardSocketOptions.IP_MULTICAST_IF)).isNull();
        NetworkInterface loopback = NetworkInterface.getByInetAddress(Loopback.IPV4.getAddress());
        descriptors.setOption(fd, StandardSocketOptions.IP_MULTICAST_IF, loopback);
        assertThat(descriptors.option(fd, StandardSocketOptions.IP_MULTICAST_IF))
                .isEqualTo(loopback);
    }

    @Test
    void inet6OptionsApplyToIpv4Peers() throws IOException {
        int fd = track(descriptors.openDatagram(StandardProtocolFamily.INET6));
        descriptors.setOption(fd, StandardSocketOptions.IP_TOS, 32);
        Scratch scratch = Scratch.mine();
        scratch.block().putInt(Scratch.LENGTH, Integer.BYTES);
        long value = scratch.address(Scratch.VALUE);
        long length = scratch.address(Scratch.LENGTH);
        int level = jnr.constants.platform.IPProto.IPPROTO_IP.intValue();
        int name = jnr.constants.platform.IP.IP_TOS.intValue();
        assertThat(Libc.CALLS.getsockopt(fd, level, name, value, length)).isZero();
        assertThat(scratch.block().getInt(Scratch.VALUE)).isEqualTo(32);
    }

    @Test
    void ipv6OnlyListenerSharesThePortWithIpv4() throws IOException {
        int both = track(descriptors.openListener(StandardProtocolFamily.INET6));
        assertThat(descriptors.option(both, KernelSocketOptions.IPV6_V6ONLY)).isFalse();
        int six = track(descriptors.openListener(StandardProtocolFamily.INET6));
        descriptors.setOption(six, KernelSocketOptions.IPV6_V6ONLY, true);
        assertThat(descriptors.option(six, KernelSocketOptions.IPV6_V6ONLY)).isTrue();
        int four = track(descriptors.openListener(StandardProtocolFamily.INET));
        descriptors.listen(four, new InetSocketAddress(Loopback.address(new byte[4]), 0), 1);
        // a port that is free for IPv4 is rarely in use for IPv6, so IPv4 comes first
        int port = ((InetSocketAddress) descriptors.localAddress(four)).getPort();
        InetSocketAddress any = new InetSocketAddress(Loopback.address(new byte[16]), port);
        assertFails(Errno.EADDRINUSE, () -> descriptors.listen(both, any, 1));
        descriptors.listen(six, any, 1);
    }

    @Test
    void deferredAcceptWaitsForBytes() throws IOException {
        assumeThat(Linux.HERE).isTrue();
        int listener = track(descriptors.openListener(StandardProtocolFamily.INET));
        descriptors.setOption(listener, KernelSocketOptions.TCP_DEFER_ACCEPT, 5);
        assertThat(descriptors.option(listener, KernelSocketOptions.TCP_DEFER_ACCEPT))
                .isGreaterThanOrEqualTo(5);
        descriptors.listen(listener, Loopback.IPV4, 1);
        int client = track(descriptors.openStream(StandardProtocolFamily.INET));
        descriptors.connect(client, descriptors.localAddress(listener));
        until(() -> descriptors.finishConnect(client));
        assertThat(descriptors.accept(listener)).isEqualTo(Descriptors.NONE);
        write(client, "x");
        assertThat(read(accept(listener), 1)).isEqualTo("x");
    }

    @Test
    void quickAckRoundTrips() throws IOException {
        assumeThat(Linux.HERE).isTrue();
        int listener = track(descriptors.openListener(StandardProtocolFamily.INET));
        descriptors.listen(listener, Loopback.IPV4, 1);
        int client = track(descriptors.openStream(StandardProtocolFamily.INET));
        descriptors.connect(client, descriptors.localAddress(listener));
        until(() -> descriptors.finishConnect(client));
        descriptors.setOption(client, ExtendedSocketOptions.TCP_QUICKACK, false);
        assertThat(descriptors.option(client, ExtendedSocketOptions.TCP_QUICKACK)).isFalse();
        descriptors.setOption(client, ExtendedSocketOptions.TCP_QUICKACK, true);
        assertThat(descriptors.option(client, ExtendedSocketOptions.TCP_QUICKACK)).isTrue();
    }

    @Test
    void unixSocketRejectsInternetOptions() throws IOException {
        int fd = track(descriptors.openStream(StandardProtocolFamily.UNIX));
        assertUnsupported(fd, StandardSocketOptions.TCP_NODELAY, true);
        assertUnsupported(fd, StandardSocketOptions.IP_TOS, 0);
        assertUnsupported(fd, StandardSocketOptions.IP_MULTICAST_TTL, 1);
        assertUnsupported(fd, KernelSocketOptions.UDP_GRO, true);
        assertUnsupported(fd, KernelSocketOptions.IPV6_V6ONLY, true);
        descriptors.setOption(fd, StandardSocketOptions.SO_SNDBUF, 30_000);
        assertThat(descriptors.option(fd, StandardSocketOptions.SO_SNDBUF)).isEqualTo(30_000);
    }

    @Test
    void datagramSocketRejectsTcpOptions() throws IOException {
        int fd = track(descriptors.openDatagram(StandardProtocolFamily.INET));
        assertUnsupported(fd, StandardSocketOptions.TCP_NODELAY, true);
    }

    @Test
    void supportedOptionsDependOnTypeAndFamily() throws IOException {
        int stream = track(descriptors.openStream(StandardProtocolFamily.INET));
        assertThat(descriptors.supportedOptions(stream))
                .contains(StandardSocketOptions.TCP_NODELAY, ExtendedSocketOptions.TCP_KEEPIDLE)
                .doesNotContain(
                        StandardSocketOptions.IP_MULTICAST_TTL, KernelSocketOptions.IPV6_V6ONLY);
        int datagram = track(descriptors.openDatagram(StandardProtocolFamily.INET6));
        assertThat(descriptors.supportedOptions(datagram))
                .contains(StandardSocketOptions.IP_MULTICAST_TTL, KernelSocketOptions.IPV6_V6ONLY)
                .doesNotContain(StandardSocketOptions.SO_LINGER, StandardSocketOptions.TCP_NODELAY);
        int named = track(descriptors.openDatagram(StandardProtocolFamily.UNIX));
        assertThat(descriptors.supportedOptions(named))
                .contains(StandardSocketOptions.SO_SNDBUF)
                .doesNotContain(StandardSocketOptions.IP_TOS);
    }

    private record Invented<T>(String name, Class<T> type) implements SocketOption<T> {}

    @Test
    void unknownOptionsAreRejected() throws IOException {
        int fd = track(descriptors.openStream(StandardProtocolFamily.INET));
        assertUnsupported(fd, new Invented<>("SO_COFFEE", Boolean.class), true);
        assertUnsupported(fd, new Invented<>("SO_SNDBUF", String.class), "large");
        assertUnsupported(fd, new Invented<>("IP_TOS", Boolean.class), true);
    }

    private <T> void assertUnsupported(int fd, SocketOption<T> option, T value) {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> descriptors.setOption(fd, option, value))
                .withMessageContaining(option.name())
                .withMessageContaining(System.getProperty("os.name"));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> descriptors.option(fd, option))
                .withMessageContaining(option.name());
    }

    @Test
    void valuesOutOfRangeAreRejected() throws IOException {
        int fd = track(descriptors.openDatagram(StandardProtocolFamily.INET));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> descriptors.setOption(fd, StandardSocketOptions.IP_TOS, 256));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                descriptors.setOption(
                                        fd, StandardSocketOptions.IP_MULTICAST_TTL, -1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> descriptors.setOption(fd, StandardSocketOptions.SO_RCVBUF, -1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> descriptors.setOption(fd, StandardSocketOptions.SO_RCVBUF, null))
                .withMessage("SO_RCVBUF cannot be null");
    }

    @Test
    void pipeRejectsOptions() throws IOException {
        int[] ends = track(Ends.of(descriptors.pipe()));
        assertFails(
                Errno.ENOTSOCK, () -> descriptors.option(ends[0], StandardSocketOptions.SO_SNDBUF));
        assertFails(
                Errno.ENOTSOCK, () -> descriptors.option(ends[0], StandardSocketOptions.IP_TOS));
        assertFails(Errno.ENOTSOCK, () -> descriptors.supportedOptions(ends[0]));
    }

    @Test
    void zeroLingerResetsThePeer() throws IOException {
        int listener = track(descriptors.openListener(StandardProtocolFamily.INET));
        descriptors.listen(listener, Loopback.IPV4, 1);
        int client = track(descriptors.openStream(StandardProtocolFamily.INET));
        descriptors.connect(client, descriptors.localAddress(listener));
        int server = accept(listener);
        descriptors.setOption(server, StandardSocketOptions.SO_LINGER, 0);
        close(server);
        assertFails(Errno.ECONNRESET, () -> readEnd(client));
    }
}
