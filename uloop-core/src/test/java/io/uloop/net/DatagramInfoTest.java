package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.EachBackend;
import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramBatch;
import io.uloop.poller.DatagramError;
import io.uloop.poller.DatagramInfo;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.KernelSocketOptions;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Local addresses, interfaces, times and errors of datagrams. */
class DatagramInfoTest extends EachBackend {
    private final DatagramInfo info = new DatagramInfo();

    private void requireNative() {
        assumeTrue(io instanceof NativeDescriptors, "needs system calls");
    }

    private static void assumeLinux() {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "needs Linux");
    }

    /** Returns 127.0.0.x, which are all addresses of the loopback interface on Linux. */
    private static InetSocketAddress loopback4(int last, int port) {
        return address(new byte[] {127, 0, 0, (byte) last}, port);
    }

    private static DatagramAddress withoutPort(SocketAddress address) {
        return new DatagramAddress(
                new InetSocketAddress(((InetSocketAddress) address).getAddress(), 0));
    }

    private static int port(UdpChannel channel) throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    private UdpChannel anyAddress(StandardProtocolFamily family) throws IOException {
        UdpChannel channel = closing(UdpChannel.open(loop, family)).bind(null);
        channel.setOption(KernelSocketOptions.IP_PKTINFO, true);
        assertThat(channel.getOption(KernelSocketOptions.IP_PKTINFO)).isTrue();
        return channel;
    }

    private ByteBuffer receive(UdpChannel channel) throws IOException {
        ByteBuffer target = ByteBuffer.allocateDirect(64);
        runUntil(() -> channel.receive(target.clear(), info) != Descriptors.NONE);
        return target;
    }

    @Test
    void selectRefusesWithAdvice() throws IOException {
        assumeTrue(!(io instanceof NativeDescriptors));
        UdpChannel channel = closing(UdpChannel.open(loop, anyPort()));
        ByteBuffer bytes = ByteBuffer.allocate(1);
        assertThatThrownBy(() -> channel.receive(bytes, info))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("native");
        assertThatThrownBy(() -> channel.send(bytes, info))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> channel.receiveError(bytes, new DatagramError()))
                .isInstanceOf(UnsupportedOperationException.class);
        DatagramBatch batch = new DatagramBatch(1, 8);
        batch.address(0).set(channel.getLocalAddress());
        batch.info(0).local().set(loopback4(1, 0));
        assertThatThrownBy(() -> channel.send(batch, 0, 1))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("native");
        assertThatThrownBy(() -> channel.setOption(KernelSocketOptions.IP_PKTINFO, true))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("IP_PKTINFO");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNIX")
    void addressThatReceivedSendsTheAnswer(StandardProtocolFamily family) throws IOException {
        requireNative();
        assumeLinux();
        UdpChannel server = anyAddress(family);
        UdpChannel client = closing(UdpChannel.open(loop, loopback4(1, 0)));
        for (int last = 2; last < 5; last++) {
            client.send(bytes("question"), loopback4(last, port(server)));
            assertThat(text(receive(server))).isEqualTo("question");
            assertThat(info.peer()).isEqualTo(new DatagramAddress(client.getLocalAddress()));
            assertThat(info.local()).isEqualTo(withoutPort(loopback4(last, 0)));
            NetworkInterface link = NetworkInterface.getByIndex(info.interfaceIndex());
            assertThat(link.isLoopback()).isTrue();
            assertThat(info.isTruncated()).isFalse();

            assertThat(server.send(bytes("answer"), info)).isEqualTo(6);
            ByteBuffer answer = ByteBuffer.allocate(64);
            SocketAddress[] sender = new SocketAddress[1];
            runUntil(() -> (sender[0] = client.receive(answer)) != null);
            assertThat(text(answer)).isEqualTo("answer");
            assertThat(sender[0]).isEqualTo(loopback4(last, port(server)));
        }
    }

    @Test
    void ipv6AddressIsReceivedAndChosen() throws IOException {
        requireNative();
        UdpChannel server = anyAddress(StandardProtocolFamily.INET6);
        UdpChannel client = closing(UdpChannel.open(loop, ipv6Loopback(0)));
        client.send(bytes("question"), ipv6Loopback(port(server)));
        receive(server);
        assertThat(info.local()).isEqualTo(withoutPort(ipv6Loopback(0)));
        assertThat(info.interfaceIndex()).isPositive();
        assertThat(server.send(bytes("answer"), info)).isEqualTo(6);
        ByteBuffer answer = ByteBuffer.allocate(64);
        runUntil(() -> client.receive(answer) != null);
        assertThat(text(answer)).isEqualTo("answer");
    }

    @Test
    void connectedSocketChoosesItsSourceWithoutAReceiver() throws IOException {
        requireNative();
        assumeLinux();
        UdpChannel server = closing(UdpChannel.open(loop, loopback4(1, 0)));
        UdpChannel client = closing(UdpChannel.open(loop, StandardProtocolFamily.INET)).bind(null);
        client.connect(server.getLocalAddress());
        info.local().set(loopback4(7, 0));
        client.send(bytes("x"), info);
        SocketAddress[] sender = new SocketAddress[1];
        runUntil(() -> (sender[0] = server.receive(ByteBuffer.allocate(8))) != null);
        assertThat(sender[0]).isEqualTo(loopback4(7, port(client)));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNIX")
    void batchIsSentBackFromTheAddressesThatReceivedIt(StandardProtocolFamily family)
            throws IOException {
        requireNative();
        assumeLinux();
        UdpChannel server = anyAddress(family);
        server.setOption(KernelSocketOptions.SO_TIMESTAMP, true);
        UdpChannel client = closing(UdpChannel.open(loop, loopback4(1, 0)));
        for (int last = 2; last < 5; last++) {
            client.send(bytes("to " + last), loopback4(last, port(server)));
        }
        DatagramBatch batch = new DatagramBatch(4, 16);
        runUntil(() -> server.receive(batch) == 3);
        for (int slot = 0; slot < 3; slot++) {
            DatagramInfo each = batch.info(slot);
            assertThat(each.peer()).isSameAs(batch.address(slot));
            assertThat(each.local()).isEqualTo(withoutPort(loopback4(2 + slot, 0)));
            assertThat(each.interfaceIndex()).isPositive();
            assertThat(each.receivedNanos()).isPositive();
        }
        assertThat(server.send(batch, 0, 3)).isEqualTo(3);
        for (int last = 2; last < 5; last++) {
            ByteBuffer answer = ByteBuffer.allocate(16);
            SocketAddress[] sender = new SocketAddress[1];
            runUntil(() -> (sender[0] = client.receive(answer)) != null);
            assertThat(text(answer)).isEqualTo("to " + last);
            assertThat(sender[0]).isEqualTo(loopback4(last, port(server)));
        }
    }

    @Test
    void segmentsAreSentFromTheChosenAddress() throws IOException {
        requireNative();
        assumeLinux();
        UdpChannel receiver = closing(UdpChannel.open(loop, loopback4(1, 0)));
        UdpChannel sender = closing(UdpChannel.open(loop, StandardProtocolFamily.INET)).bind(null);
        DatagramBatch batch = new DatagramBatch(1, 64);
        batch.data(0).clear().put(bytes("onetwo")).flip();
        batch.setSegmentBytes(0, 3);
        batch.address(0).set(receiver.getLocalAddress());
        batch.info(0).local().set(loopback4(9, 0));
        batch.info(0)
                .setOutgoingInterface(
                        NetworkInterface.getByInetAddress(loopback4(1, 0).getAddress()).getIndex());
        assertThat(sender.send(batch, 0, 1)).isEqualTo(1);
        for (String expected : new String[] {"one", "two"}) {
            ByteBuffer target = ByteBuffer.allocate(16);
            SocketAddress[] from = new SocketAddress[1];
            runUntil(() -> (from[0] = receiver.receive(target)) != null);
            assertThat(text(target)).isEqualTo(expected);
            assertThat(from[0]).isEqualTo(loopback4(9, port(sender)));
        }
    }

    @Test
    void foreignSourceAddressIsRefused() throws IOException {
        requireNative();
        UdpChannel channel = anyAddress(StandardProtocolFamily.INET);
        info.peer().set(loopback4(1, port(channel)));
        info.local().set(address(new byte[] {(byte) 192, 0, 2, 1}, 0));
        assertThatThrownBy(() -> channel.send(bytes("x"), info))
                .isInstanceOf(PollerException.class)
                .hasMessageContaining("from /192.0.2.1");
        info.local().set(ipv6Loopback(0));
        assertThatThrownBy(() -> channel.send(bytes("x"), info))
                .hasMessageContaining("EAFNOSUPPORT");
        assertThatThrownBy(() -> info.setOutgoingInterface(-1))
                .isInstanceOf(IllegalArgumentException.class);
        info.clear();
        assertThat(info.peer().family()).isNull();
        assertThat(info.local().family()).isNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void timeOfTheKernelIsReceived(boolean direct) throws IOException {
        requireNative();
        UdpChannel server = closing(UdpChannel.open(loop, anyPort()));
        server.setOption(KernelSocketOptions.SO_TIMESTAMP, true);
        assertThat(server.getOption(KernelSocketOptions.SO_TIMESTAMP)).isTrue();
        UdpChannel client = closing(UdpChannel.open(loop, anyPort()));
        Instant before = Instant.now().minusSeconds(1);
        client.send(bytes("hello"), server.getLocalAddress());
        ByteBuffer target = direct ? ByteBuffer.allocateDirect(3) : ByteBuffer.allocate(3);
        runUntil(() -> server.receive(target, info) != Descriptors.NONE);
        assertThat(text(target)).isEqualTo("hel");
        assertThat(info.isTruncated()).isTrue();
        assertThat(info.local().family()).isNull();
        assertThat(info.interfaceIndex()).isZero();
        long nanos = TimeUnit.SECONDS.toNanos(1);
        Instant time =
                Instant.ofEpochSecond(info.receivedNanos() / nanos, info.receivedNanos() % nanos);
        assertThat(time).isBetween(before, Instant.now().plusSeconds(1));
        server.setOption(KernelSocketOptions.SO_TIMESTAMP, false);
        client.send(bytes("x"), server.getLocalAddress());
        receive(server);
        assertThat(info.receivedNanos()).isZero();
        assertThat(server.receive(target, info)).isEqualTo(Descriptors.NONE);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNIX")
    void errorQueueTellsWhichDatagramWasRefused(StandardProtocolFamily family) throws IOException {
        requireNative();
        assumeLinux();
        boolean six = family == StandardProtocolFamily.INET6;
        UdpChannel closed = UdpChannel.open(loop, six ? ipv6Loopback(0) : loopback4(1, 0));
        SocketAddress refusing = closed.getLocalAddress();
        UdpChannel channel = closing(UdpChannel.open(loop, family)).bind(null);
        channel.setOption(KernelSocketOptions.IP_RECVERR, true);
        assertThat(channel.getOption(KernelSocketOptions.IP_RECVERR)).isTrue();
        int[] calls = new int[1];
        ByteBuffer part = ByteBuffer.allocate(4);
        DatagramError error = new DatagramError();
        channel.register(
                UEvent.IN,
                (fd, events) -> {
                    if (channel.receiveError(part, error) != Descriptors.NONE) {
                        calls[0]++;
                    }
                });
        closed.close();
        channel.send(bytes("refused"), refusing);
        runUntil(() -> calls[0] > 0);
        assertThat(text(part)).isEqualTo("refu");
        assertThat(error.errno()).isEqualTo(Errno.ECONNREFUSED);
        assertThat(error.origin())
                .isEqualTo(six ? DatagramError.Origin.ICMP6 : DatagramError.Origin.ICMP);
        assertThat(error.type()).isEqualTo(six ? 1 : 3);
        assertThat(error.code()).isEqualTo(six ? 4 : 3);
        assertThat(error.receiver()).isEqualTo(new DatagramAddress(refusing));
        assertThat(error.reporter()).isEqualTo(withoutPort(refusing));
        assertThat(error)
                .hasToString(
                        "ECONNREFUSED of a datagram to "
                                + refusing
                                + ", reported by "
                                + error.origin());
        assertThat(channel.receiveError(part.clear(), error)).isEqualTo(Descriptors.NONE);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNIX")
    void timeToLiveIsSet(StandardProtocolFamily family) throws IOException {
        requireNative();
        UdpChannel channel = closing(UdpChannel.open(loop, family));
        channel.setOption(KernelSocketOptions.IP_TTL, 3);
        assertThat(channel.getOption(KernelSocketOptions.IP_TTL)).isEqualTo(3);
        assertThat(channel.supportedOptions())
                .contains(KernelSocketOptions.IP_TTL, KernelSocketOptions.SO_TIMESTAMP);
        assertThatThrownBy(() -> channel.setOption(KernelSocketOptions.IP_TTL, 256))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
