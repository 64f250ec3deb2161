package io.uloop.poller.posix.socket;

import static io.uloop.poller.posix.Failures.assertFails;
import static io.uloop.poller.tck.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.posix.DescriptorsTest;
import io.uloop.poller.posix.Loopback;
import io.uloop.poller.tck.Ends;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SocketsTest extends DescriptorsTest {
    private static final StandardProtocolFamily INET = StandardProtocolFamily.INET;
    private static final StandardProtocolFamily INET6 = StandardProtocolFamily.INET6;
    private static final StandardProtocolFamily UNIX = StandardProtocolFamily.UNIX;

    @TempDir private Path directory;

    SocketsTest(boolean linux) {
        super(linux);
    }

    private SocketAddress fresh(StandardProtocolFamily family) {
        return switch (family) {
            case INET -> Loopback.IPV4;
            case INET6 -> Loopback.IPV6;
            default -> UnixDomainSocketAddress.of(directory.resolve("socket"));
        };
    }

    private int listener(StandardProtocolFamily family, int backlog) throws IOException {
        int listener = track(descriptors.openListener(family));
        descriptors.listen(listener, fresh(family), backlog);
        return listener;
    }

    private void connect(int client, SocketAddress remote) throws IOException {
        if (!descriptors.connect(client, remote)) {
            until(() -> descriptors.finishConnect(client));
        }
    }

    @ParameterizedTest
    @EnumSource
    void bytesGoBothWays(StandardProtocolFamily family) throws IOException {
        int listener = listener(family, 16);
        assertThat(descriptors.accept(listener)).isEqualTo(Descriptors.NONE);
        int client = track(descriptors.openStream(family));
        connect(client, descriptors.localAddress(listener));
        assertThat(descriptors.finishConnect(client)).isTrue();
        int server = accept(listener);
        assertThat(descriptors.read(server, ByteBuffer.allocate(1))).isZero();
        write(client, "ping");
        assertThat(read(server, 4)).isEqualTo("ping");
        write(server, "pong");
        assertThat(read(client, 4)).isEqualTo("pong");
    }

    @ParameterizedTest
    @EnumSource
    void bothEndsAgreeOnTheAddresses(StandardProtocolFamily family) throws IOException {
        int listener = track(descriptors.openListener(family));
        assertThat(descriptors.localAddress(listener)).isNull();
        descriptors.listen(listener, fresh(family), 16);
        SocketAddress local = descriptors.localAddress(listener);
        assertThat(descriptors.remoteAddress(listener)).isNull();
        int client = track(descriptors.openStream(family));
        assertThat(descriptors.remoteAddress(client)).isNull();
        connect(client, local);
        int server = accept(listener);
        assertThat(descriptors.remoteAddress(client)).isEqualTo(local);
        assertThat(descriptors.localAddress(server)).isEqualTo(local);
        if (family == UNIX) {
            assertThat(descriptors.localAddress(client)).isNull();
            assertThat(descriptors.remoteAddress(server)).isEqualTo(UnixDomainSocketAddress.of(""));
        } else {
            assertThat(descriptors.remoteAddress(server))
                    .isEqualTo(descriptors.localAddress(client));
            assertThat(((InetSocketAddress) local).getPort()).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shutdownOutputEndsOnlyThePeersInput(StandardProtocolFamily family) throws IOException {
        int listener = listener(family, 16);
        int client = track(descriptors.openStream(family));
        connect(client, descriptors.localAddress(listener));
        int server = accept(listener);
        write(client, "last");
        descriptors.shutdownOutput(client);
        assertThat(read(server, 4)).isEqualTo("last");
        readEnd(server);
        write(server, "late");
        assertThat(read(client, 4)).isEqualTo("late");
        assertFails(Errno.EPIPE, () -> descriptors.write(client, ByteBuffer.allocate(1)));
    }

    @Test
    void shutdownInputReadsAsEndOfStream() throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        assertThat(descriptors.read(ends[0], ByteBuffer.allocate(1))).isZero();
        descriptors.shutdownInput(ends[0]);
        assertThat(descriptors.read(ends[0], ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(descriptors.remoteAddress(ends[0])).isEqualTo(UnixDomainSocketAddress.of(""));
    }

    @Test
    void shutdownBeforeConnectFails() throws IOException {
        int fresh = track(descriptors.openStream(INET));
        assertFails(Errno.ENOTCONN, () -> descriptors.shutdownOutput(fresh));
        assertFails(Errno.ENOTCONN, () -> descriptors.shutdownInput(fresh));
    }

    @Test
    void inet6SocketAcceptsIpv4Addresses() throws IOException {
        int listener = track(descriptors.openListener(INET6));
        descriptors.listen(listener, Loopback.IPV4, 16);
        InetSocketAddress local = (InetSocketAddress) descriptors.localAddress(listener);
        assertThat(local.getAddress()).isEqualTo(Loopback.IPV4.getAddress());
        int client = track(descriptors.openStream(INET6));
        connect(client, local);
        int server = accept(listener);
        assertThat(descriptors.remoteAddress(server)).isEqualTo(descriptors.localAddress(client));
    }

    @Test
    void inet6AnyAddressIsReachableByBothVersions() throws IOException {
        int listener = track(descriptors.openListener(INET6));
        InetAddress any = Loopback.address(new byte[4]);
        descriptors.listen(listener, new InetSocketAddress(any, 0), 16);
        int port = ((InetSocketAddress) descriptors.localAddress(listener)).getPort();
        int four = track(descriptors.openStream(INET));
        connect(four, new InetSocketAddress(Loopback.IPV4.getAddress(), port));
        int six = track(descriptors.openStream(INET6));
        connect(six, new InetSocketAddress(Loopback.IPV6.getAddress(), port));
        assertThat(descriptors.remoteAddress(accept(listener)))
                .isEqualTo(descriptors.localAddress(four));
        assertThat(descriptors.remoteAddress(accept(listener)))
                .isEqualTo(descriptors.localAddress(six));
    }

    @ParameterizedTest
    @EnumSource(names = {"INET", "INET6"})
    void refusedConnectFails(StandardProtocolFamily family) throws IOException {
        int deaf = track(descriptors.openStream(family));
        descriptors.bind(deaf, fresh(family)); // does not listen, but keeps others from the port
        SocketAddress nobody = descriptors.localAddress(deaf);
        int client = track(descriptors.openStream(family));
        assertFails(Errno.ECONNREFUSED, () -> connect(client, nobody));
    }

    @Test
    void connectToMissingPathFails() throws IOException {
        int client = track(descriptors.openStream(UNIX));
        SocketAddress nobody = fresh(UNIX);
        assertThat(
                        assertFails(Errno.ENOENT, () -> descriptors.connect(client, nobody))
                                .getMessage())
                .contains(nobody.toString());
    }

    @Test
    void connectWithFullBacklogStaysInProgress() throws IOException {
        int listener = listener(INET, 1);
        SocketAddress remote = descriptors.localAddress(listener);
        List<Integer> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            clients.add(track(descriptors.openStream(INET)));
            descriptors.connect(clients.get(i), remote);
        }
        int last = clients.get(2);
        until(() -> descriptors.finishConnect(clients.get(0)));
        until(() -> descriptors.finishConnect(clients.get(1)));
        for (int i = 0; i < 100; i++) {
            assertThat(descriptors.finishConnect(last)).isFalse();
        }
        assertFails(Errno.EALREADY, () -> descriptors.connect(last, remote));
        accept(listener);
        accept(listener);
        until(() -> descriptors.finishConnect(last)); // the kernel retries
        accept(listener);
    }

    @Test
    void unixConnectWithFullBacklogFails() throws IOException {
        int listener = listener(UNIX, 1);
        SocketAddress remote = fresh(UNIX);
        assertThat(descriptors.connect(track(descriptors.openStream(UNIX)), remote)).isTrue();
        assertThat(descriptors.connect(track(descriptors.openStream(UNIX)), remote)).isTrue();
        int late = track(descriptors.openStream(UNIX));
        assertFails(Errno.EAGAIN, () -> descriptors.connect(late, remote));
        accept(listener);
        assertThat(descriptors.connect(late, remote)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void finishConnectWithoutConnectFails(StandardProtocolFamily family) throws IOException {
        int fresh = track(descriptors.openStream(family));
        assertFails(Errno.ENOTCONN, () -> descriptors.finishConnect(fresh));
    }

    @ParameterizedTest
    @EnumSource
    void connectTwiceFails(StandardProtocolFamily family) throws IOException {
        SocketAddress remote = descriptors.localAddress(listener(family, 2));
        int client = track(descriptors.openStream(family));
        connect(client, remote);
        assertFails(Errno.EISCONN, () -> descriptors.connect(client, remote));
    }

    @Test
    void bindTwiceFails() throws IOException {
        int fd = track(descriptors.openStream(INET));
        descriptors.bind(fd, Loopback.IPV4);
        assertFails(Errno.EINVAL, () -> descriptors.bind(fd, Loopback.IPV4));
    }

    @ParameterizedTest
    @EnumSource
    void bindToAddressInUseFails(StandardProtocolFamily family) throws IOException {
        SocketAddress taken = descriptors.localAddress(listener(family, 1));
        int second = track(descriptors.openListener(family));
        assertFails(Errno.EADDRINUSE, () -> descriptors.listen(second, taken, 1));
    }

    @Test
    void reusePortLetsTwoListen() throws IOException {
        int first = track(descriptors.openListener(INET));
        int second = track(descriptors.openListener(INET));
        descriptors.setOption(first, StandardSocketOptions.SO_REUSEPORT, true);
        descriptors.setOption(second, StandardSocketOptions.SO_REUSEPORT, true);
        descriptors.listen(first, Loopback.IPV4, 1);
        SocketAddress shared = descriptors.localAddress(first);
        descriptors.listen(second, shared, 1);
        assertThat(descriptors.localAddress(second)).isEqualTo(shared);
    }

    @Test
    void acceptWithoutListenFails() throws IOException {
        int fd = track(descriptors.openStream(INET));
        assertFails(Errno.EINVAL, () -> descriptors.accept(fd));
    }

    @Test
    void zeroBacklogIsRejected() throws IOException {
        int fd = track(descriptors.openListener(INET));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> descriptors.listen(fd, Loopback.IPV4, 0));
        assertThat(descriptors.localAddress(fd)).isNull();
    }

    @Test
    void addressOfAnotherFamilyIsRejected() throws IOException {
        int inet = track(descriptors.openStream(INET));
        int unix = track(descriptors.openStream(UNIX));
        assertFails(Errno.EAFNOSUPPORT, () -> descriptors.bind(inet, Loopback.IPV6));
        assertFails(Errno.EAFNOSUPPORT, () -> descriptors.connect(inet, Loopback.IPV6));
        assertFails(Errno.EAFNOSUPPORT, () -> descriptors.bind(inet, fresh(UNIX)));
        assertFails(Errno.EAFNOSUPPORT, () -> descriptors.bind(unix, Loopback.IPV4));
    }

    @Test
    void unsupportedAddressIsRejected() throws IOException {
        int fd = track(descriptors.openStream(INET));
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("nowhere.invalid", 1);
        assertThatExceptionOfType(UnresolvedAddressException.class)
                .isThrownBy(() -> descriptors.connect(fd, unresolved));
        SocketAddress foreign =
                new SocketAddress() {
                    private static final long serialVersionUID = 1L;
                };
        assertThatExceptionOfType(UnsupportedAddressTypeException.class)
                .isThrownBy(() -> descriptors.bind(fd, foreign));
    }

    @Test
    void longestUnixPathIsAccepted() throws IOException {
        int longest = SocketAddresses.NATIVE.maxPathBytes();
        String prefix = directory.toString() + '/';
        String path = prefix + "x".repeat(longest - prefix.length());
        int fits = track(descriptors.openListener(UNIX));
        descriptors.listen(fits, UnixDomainSocketAddress.of(path), 1);
        assertThat(descriptors.localAddress(fits)).isEqualTo(UnixDomainSocketAddress.of(path));
        int tooLong = track(descriptors.openListener(UNIX));
        UnixDomainSocketAddress longer = UnixDomainSocketAddress.of(path + "x");
        assertThat(
                        assertFails(
                                        Errno.ENAMETOOLONG,
                                        () -> descriptors.listen(tooLong, longer, 1))
                                .getMessage())
                .contains("at most " + longest + " bytes");
    }

    @Test
    void unknownFamilyIsRejected() {
        ProtocolFamily foreign = () -> "IPX";
        assertFails(Errno.EAFNOSUPPORT, () -> descriptors.openStream(foreign));
    }

    @Test
    void nonSocketFailsWithEnotsock() throws IOException {
        int[] ends = track(Ends.of(descriptors.pipe()));
        assertFails(Errno.ENOTSOCK, () -> descriptors.localAddress(ends[0]));
        assertFails(Errno.ENOTSOCK, () -> descriptors.remoteAddress(ends[0]));
        assertFails(Errno.ENOTSOCK, () -> descriptors.accept(ends[0]));
        assertFails(Errno.ENOTSOCK, () -> descriptors.finishConnect(ends[0]));
        assertFails(Errno.ENOTSOCK, () -> descriptors.bind(ends[0], Loopback.IPV4));
        assertFails(Errno.ENOTSOCK, () -> descriptors.shutdownOutput(ends[0]));
    }
}
