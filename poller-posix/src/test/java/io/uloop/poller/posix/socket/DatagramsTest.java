package io.uloop.poller.posix.socket;

import static io.uloop.poller.posix.Failures.assertFails;
import static io.uloop.poller.tck.Waiting.until;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uloop.poller.DatagramAddress;
import io.uloop.poller.Errno;
import io.uloop.poller.UnixAddress;
import io.uloop.poller.posix.DescriptorsTest;
import io.uloop.poller.posix.Loopback;
import io.uloop.poller.posix.memory.Scratch;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class DatagramsTest extends DescriptorsTest {
    private static final StandardProtocolFamily INET = StandardProtocolFamily.INET;
    private static final StandardProtocolFamily INET6 = StandardProtocolFamily.INET6;
    private static final StandardProtocolFamily UNIX = StandardProtocolFamily.UNIX;

    @TempDir private Path directory;
    private int names;

    DatagramsTest(boolean linux) {
        super(linux);
    }

    private int bound(StandardProtocolFamily family) throws IOException {
        int fd = track(descriptors.openDatagram(family));
        SocketAddress local =
                switch (family) {
                    case INET -> Loopback.IPV4;
                    case INET6 -> Loopback.IPV6;
                    default -> UnixDomainSocketAddress.of(directory.resolve("d" + names++));
                };
        descriptors.bind(fd, local);
        return fd;
    }

    private static ByteBuffer bytes(boolean direct, String text) {
        ByteBuffer bytes =
                direct
                        ? ByteBuffer.allocateDirect(text.length() + 4)
                        : ByteBuffer.allocate(text.length() + 4);
        bytes.position(2).put(text.getBytes(US_ASCII));
        return bytes.flip().position(2);
    }

    private static String text(ByteBuffer received, int from) {
        byte[] bytes = new byte[received.position() - from];
        received.get(from, bytes);
        return new String(bytes, US_ASCII);
    }

    @ParameterizedTest
    @EnumSource
    void datagramsKeepTheirBoundariesAndSender(StandardProtocolFamily family) throws IOException {
        int one = bound(family);
        int two = bound(family);
        SocketAddress from = descriptors.localAddress(one);
        SocketAddress to = descriptors.localAddress(two);
        for (boolean direct : new boolean[] {false, true}) {
            ByteBuffer source = bytes(direct, "first");
            assertThat(descriptors.send(one, source, to)).isEqualTo(5);
            assertThat(source.hasRemaining()).isFalse();
            assertThat(descriptors.send(one, bytes(direct, "2nd"), to)).isEqualTo(3);
            ByteBuffer target = direct ? ByteBuffer.allocateDirect(9) : ByteBuffer.allocate(9);
            target.position(1);
            assertThat(descriptors.receive(two, target)).isEqualTo(from);
            assertThat(text(target, 1)).isEqualTo("first");
            assertThat(descriptors.receive(two, target.clear())).isEqualTo(from);
            assertThat(text(target, 0)).isEqualTo("2nd");
            assertThat(descriptors.receive(two, target)).isNull();
            assertThat(target.position()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void emptyDatagramHasSender(StandardProtocolFamily family) throws IOException {
        int one = bound(family);
        int two = bound(family);
        assertThat(descriptors.send(one, ByteBuffer.allocate(0), descriptors.localAddress(two)))
                .isZero();
        ByteBuffer target = ByteBuffer.allocate(9);
        assertThat(descriptors.receive(two, target)).isEqualTo(descriptors.localAddress(one));
        assertThat(target.position()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void longDatagramIsTruncated(StandardProtocolFamily family) throws IOException {
        int one = bound(family);
        int two = bound(family);
        SocketAddress to = descriptors.localAddress(two);
        descriptors.send(one, bytes(false, "long"), to);
        descriptors.send(one, bytes(false, "gone"), to);
        descriptors.send(one, bytes(false, "next"), to);
        ByteBuffer target = ByteBuffer.allocate(2);
        assertThat(descriptors.receive(two, target)).isNotNull();
        assertThat(text(target, 0)).isEqualTo("lo");
        assertThat(descriptors.receive(two, target)).isNotNull(); // a full buffer
        assertThat(descriptors.receive(two, target.clear())).isNotNull();
        assertThat(text(target, 0)).isEqualTo("ne");
    }

    @Test
    void sendWouldBlockInsteadOfSplitting() throws IOException {
        int one = bound(UNIX);
        int two = bound(UNIX);
        SocketAddress to = descriptors.localAddress(two);
        int sent = 0;
        ByteBuffer source = ByteBuffer.allocate(100);
        while (descriptors.send(one, source.clear(), to) > 0) {
            sent++;
        }
        assertThat(source.remaining()).isEqualTo(100);
        ByteBuffer target = ByteBuffer.allocate(200);
        int received = 0;
        while (descriptors.receive(two, target.clear()) != null) {
            assertThat(target.position()).isEqualTo(100);
            received++;
        }
        assertThat(received).isEqualTo(sent).isPositive();
    }

    @Test
    void datagramLargerThanTheScratchMovesWhole() throws IOException {
        int one = bound(UNIX);
        int two = bound(UNIX);
        int length = Scratch.MAX_STAGING_BYTES + 1000;
        ByteBuffer source = ByteBuffer.allocate(length);
        source.put(length - 1, (byte) 42);
        assertThat(descriptors.send(one, source, descriptors.localAddress(two))).isEqualTo(length);
        ByteBuffer target = ByteBuffer.allocate(length + 1);
        assertThat(descriptors.receive(two, target)).isNotNull();
        assertThat(target.position()).isEqualTo(length);
        assertThat(target.get(length - 1)).isEqualTo((byte) 42);
    }

    @Test
    void datagramBeyondTheProtocolLimitIsRejected() throws IOException {
        int one = bound(INET);
        ByteBuffer source = ByteBuffer.allocate(70_000);
        SocketAddress to = descriptors.localAddress(bound(INET));
        assertFails(Errno.EMSGSIZE, () -> descriptors.send(one, source, to));
        assertThat(source.position()).isZero();
    }

    @Test
    void unnamedSenderIsNotNull() throws IOException {
        int receiver = bound(UNIX);
        int sender = track(descriptors.openDatagram(UNIX));
        descriptors.send(sender, bytes(false, "x"), descriptors.localAddress(receiver));
        assertThat(descriptors.receive(receiver, ByteBuffer.allocate(1)))
                .isEqualTo(UnixDomainSocketAddress.of(""));
    }

    @Test
    void inet6SocketSendsToIpv4() throws IOException {
        int receiver = bound(INET);
        int sender = track(descriptors.openDatagram(INET6));
        descriptors.send(sender, bytes(false, "x"), descriptors.localAddress(receiver));
        InetSocketAddress from =
                (InetSocketAddress) descriptors.receive(receiver, ByteBuffer.allocate(1));
        assertThat(from.getAddress()).isEqualTo(Loopback.IPV4.getAddress());
        assertThat(descriptors.send(receiver, bytes(false, "y"), from)).isEqualTo(1);
        assertThat(descriptors.receive(sender, ByteBuffer.allocate(1)))
                .isEqualTo(descriptors.localAddress(receiver));
    }

    @Test
    void targetOfAnotherFamilyIsRejected() throws IOException {
        int inet = bound(INET);
        int unix = bound(UNIX);
        ByteBuffer source = ByteBuffer.allocate(1);
        SocketAddress path = descriptors.localAddress(unix);
        assertFails(Errno.EAFNOSUPPORT, () -> descriptors.send(inet, source, Loopback.IPV6));
        assertFails(Errno.EAFNOSUPPORT, () -> descriptors.send(inet, source, path));
        assertFails(Errno.EAFNOSUPPORT, () -> descriptors.send(unix, source, Loopback.IPV4));
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("nowhere.invalid", 1);
        assertThatExceptionOfType(UnresolvedAddressException.class)
                .isThrownBy(() -> descriptors.send(inet, source, unresolved));
        assertThat(source.position()).isZero();
    }

    @Test
    void portZeroIsRejected() throws IOException {
        int fd = bound(INET);
        assertFails(
                Errno.EINVAL, () -> descriptors.send(fd, ByteBuffer.allocate(1), Loopback.IPV4));
    }

    @Test
    void connectedSocketReportsRefusal() throws IOException {
        int deaf = bound(INET);
        SocketAddress nobody = descriptors.localAddress(deaf);
        descriptors.connect(deaf, nobody); // receives only from itself, and keeps its port
        int fd = bound(INET);
        assertThat(descriptors.connect(fd, nobody)).isTrue();
        assertThat(descriptors.remoteAddress(fd)).isEqualTo(nobody);
        descriptors.write(fd, ByteBuffer.allocate(1));
        assertFails(
                Errno.ECONNREFUSED,
                () -> until(() -> descriptors.receive(fd, ByteBuffer.allocate(1)) != null));
    }

    @Test
    void connectAgainChangesThePeer() throws IOException {
        int first = bound(INET);
        int second = bound(INET);
        int fd = bound(INET);
        assertThat(descriptors.connect(fd, descriptors.localAddress(first))).isTrue();
        assertThat(descriptors.connect(fd, descriptors.localAddress(second))).isTrue();
        assertThat(descriptors.remoteAddress(fd)).isEqualTo(descriptors.localAddress(second));
        write(fd, "x");
        assertThat(read(second, 1)).isEqualTo("x");
    }

    @Test
    void sendToMissingPathFails() throws IOException {
        int fd = bound(UNIX);
        SocketAddress nobody = UnixDomainSocketAddress.of(directory.resolve("missing"));
        assertFails(Errno.ENOENT, () -> descriptors.send(fd, ByteBuffer.allocate(1), nobody));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void abstractSendersAreDistinguishedAndAnswered() throws IOException {
        int server = track(descriptors.openDatagram(StandardProtocolFamily.UNIX));
        SocketAddress place = abstractName("server");
        descriptors.bind(server, place);
        assertThat(descriptors.localAddress(server)).isEqualTo(place);
        Set<DatagramAddress> senders = new HashSet<>();
        Set<SocketAddress> objects = new HashSet<>();
        for (String name : new String[] {"alice", "mallory"}) {
            int client = track(descriptors.openDatagram(StandardProtocolFamily.UNIX));
            descriptors.bind(client, abstractName(name));
            ByteBuffer one = ByteBuffer.allocate(1);
            descriptors.send(client, one.clear(), place);
            DatagramAddress sender = new DatagramAddress();
            assertThat(descriptors.receive(server, one.clear(), sender)).isEqualTo(1);
            assertThat(senders.add(sender)).isTrue();
            descriptors.send(server, one.clear(), sender);
            assertThat(descriptors.receive(client, one.clear())).isEqualTo(place);
            descriptors.send(client, one.clear(), place);
            SocketAddress object = descriptors.receive(server, one.clear());
            assertThat(object).isEqualTo(abstractName(name));
            assertThat(objects.add(object)).isTrue();
            descriptors.send(server, one.clear(), object);
            assertThat(descriptors.receive(client, one.clear())).isEqualTo(place);
        }
    }

    private static UnixAddress abstractName(String name) {
        String unique = "\0uloop " + ProcessHandle.current().pid() + ' ' + name;
        return new UnixAddress(unique.getBytes(StandardCharsets.UTF_8));
    }
}
