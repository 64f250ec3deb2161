package io.uloop.poller.select;

import static io.uloop.poller.tck.Waiting.until;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.KernelSocketOptions;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.tck.Ends;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SelectDescriptorsTest extends SelectTest {
    @TempDir private Path directory;

    private SocketAddress fresh(StandardProtocolFamily family) {
        return switch (family) {
            case INET -> IPV4;
            case INET6 -> IPV6;
            default -> UnixDomainSocketAddress.of(directory.resolve("socket"));
        };
    }

    private static ByteBuffer one() {
        return ByteBuffer.allocate(1);
    }

    @ParameterizedTest
    @EnumSource
    void streamCarriesBytesBothWaysUntilEnd(StandardProtocolFamily family) throws IOException {
        int listener = listener(fresh(family), 16);
        assertThat(io.accept(listener)).isEqualTo(Descriptors.NONE);
        int client = track(io.openStream(family));
        connect(client, address(listener));
        assertThat(io.finishConnect(client)).isTrue();
        int server = accept(listener);
        assertThat(read(server)).isZero();
        write(client, "ping");
        io.shutdownOutput(client);
        assertThat(read(server, 4)).isEqualTo("ping");
        assertThat(read(server)).isEqualTo(-1);
        write(server, "pong");
        assertThat(read(client, 4)).isEqualTo("pong");
        assertFails(Errno.EPIPE, () -> io.write(client, one()));
        io.shutdownInput(client);
        assertThat(read(client)).isEqualTo(-1);
    }

    @ParameterizedTest
    @EnumSource
    void socketsReturnTheirAddresses(StandardProtocolFamily family) throws IOException {
        int listener = track(io.openListener(family));
        assertThat(io.localAddress(listener)).isNull();
        io.listen(listener, fresh(family), 16);
        SocketAddress local = address(listener);
        assertThat(io.remoteAddress(listener)).isNull();
        int client = track(io.openStream(family));
        assertThat(io.localAddress(client)).isNull();
        assertThat(io.remoteAddress(client)).isNull();
        connect(client, local);
        int server = accept(listener);
        assertThat(io.remoteAddress(client)).isEqualTo(local);
        assertThat(io.localAddress(server)).isEqualTo(local);
        if (family == UNIX) {
            assertThat(io.localAddress(client)).isNull();
            assertThat(io.remoteAddress(server)).isEqualTo(UnixDomainSocketAddress.of(""));
        } else {
            assertThat(io.remoteAddress(server)).isEqualTo(io.localAddress(client));
        }
    }

    @Test
    void buffersAreTransferredInOrder() throws IOException {
        int[] ends = tcp();
        ByteBuffer[] sources = {
            US_ASCII.encode("never"), US_ASCII.encode("ab"), US_ASCII.encode("cde"),
        };
        assertThat(io.write(ends[0], sources, 1, 2)).isEqualTo(5);
        ByteBuffer[] targets = {ByteBuffer.allocate(3), ByteBuffer.allocate(9)};
        until(() -> io.read(ends[1], targets, 0, 2) == 0);
        assertThat(US_ASCII.decode(targets[0].flip()).toString()).isEqualTo("abc");
        assertThat(US_ASCII.decode(targets[1].flip()).toString()).isEqualTo("de");
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> io.read(ends[1], targets, 1, 2));
    }

    @Test
    void buffersBeyondNioLimitAreTransferredByOneCall() throws IOException {
        int[] ends = tcp();
        ByteBuffer[] sources = new ByteBuffer[3000];
        Arrays.fill(sources, US_ASCII.encode("ab"));
        assertThat(io.write(ends[0], sources, 0, 3000)).isEqualTo(6000);
        assertThat(sources[0].hasRemaining()).isFalse();
        ByteBuffer target = ByteBuffer.allocate(6000);
        ByteBuffer[] targets = new ByteBuffer[6000];
        Arrays.setAll(targets, i -> target.slice(i, 1));
        int[] got = {0};
        until(
                () -> {
                    got[0] += (int) io.read(ends[1], targets, got[0], 6000 - got[0]);
                    return got[0] == 6000;
                });
        assertThat(US_ASCII.decode(target).toString()).isEqualTo("ab".repeat(3000));
        assertThat(targets[5999].hasRemaining()).isFalse();
    }

    @Test
    void datagramOfManyBuffersIsNotSplit() throws IOException {
        int receiver = track(io.openDatagram(INET));
        io.bind(receiver, IPV4);
        int sender = track(io.openDatagram(INET));
        io.bind(sender, IPV4);
        io.connect(sender, address(receiver));
        io.connect(receiver, address(sender));
        ByteBuffer[] sources = new ByteBuffer[2000];
        Arrays.fill(sources, US_ASCII.encode("ab"));
        assertThat(io.write(sender, sources, 0, 2000)).isEqualTo(4000);
        ByteBuffer target = ByteBuffer.allocate(5000);
        ByteBuffer[] targets = new ByteBuffer[5000];
        Arrays.setAll(targets, i -> target.slice(i, 1));
        until(() -> io.read(receiver, targets, 0, 5000) == 4000);
        assertThat(US_ASCII.decode(target.limit(4000)).toString()).isEqualTo("ab".repeat(2000));
        assertThat(targets[3999].hasRemaining()).isFalse();
        assertThat(targets[4000].hasRemaining()).isTrue();
        Arrays.setAll(sources, i -> ByteBuffer.allocate(100));
        assertFails(Errno.EMSGSIZE, () -> io.write(sender, sources, 0, 2000));
        assertThat(sources[0].position()).isZero();
    }

    @Test
    void readOnlyTargetIsRejected() throws IOException {
        int[] ends = tcp();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> io.read(ends[0], one().asReadOnlyBuffer()));
    }

    @Test
    void writeToFullPipeReturnsZero() throws IOException {
        int[] ends = pipe();
        ByteBuffer source = ByteBuffer.allocate(65536);
        while (io.write(ends[1], source.clear()) > 0) {
            // fill the pipe
        }
        assertThat(io.write(ends[1], one())).isZero();
        assertThat(read(ends[0])).isEqualTo(1);
    }

    @Test
    void pipeEndsWithWriterAndBreaksWithoutReader() throws IOException {
        int[] ended = pipe();
        write(ended[1], "x");
        close(ended[1]);
        assertThat(read(ended[0])).isEqualTo(1);
        assertThat(read(ended[0])).isEqualTo(-1);
        int[] broken = pipe();
        close(broken[0]);
        assertFails(Errno.EPIPE, () -> io.write(broken[1], one()));
        assertFails(Errno.EPIPE, () -> io.write(broken[1], new ByteBuffer[] {one()}, 0, 1));
    }

    @Test
    void wrongEndOfPipeIsEbadf() throws IOException {
        int[] ends = pipe();
        assertFails(Errno.EBADF, () -> io.write(ends[0], one()));
        assertFails(Errno.EBADF, () -> io.read(ends[1], one()));
    }

    @Test
    void socketCallOnPipeIsEnotsock() throws IOException {
        int end = pipe()[0];
        List<ThrowingCallable> calls =
                List.of(
                        () -> io.bind(end, IPV4),
                        () -> io.listen(end, IPV4, 1),
                        () -> io.accept(end),
                        () -> io.connect(end, IPV4),
                        () -> io.finishConnect(end),
                        () -> io.receive(end, one()),
                        () -> io.send(end, one(), IPV4),
                        () -> io.shutdownInput(end),
                        () -> io.shutdownOutput(end),
                        () -> io.localAddress(end),
                        () -> io.remoteAddress(end),
                        () -> io.option(end, StandardSocketOptions.SO_RCVBUF),
                        () -> io.setOption(end, StandardSocketOptions.SO_RCVBUF, 1));
        for (ThrowingCallable call : calls) {
            assertFails(Errno.ENOTSOCK, call);
        }
    }

    @Test
    void callOnClosedNumberIsEbadf() throws IOException {
        int closed = track(io.openStream(INET));
        close(closed);
        for (int fd : new int[] {closed, -1, 0, 100_000}) {
            List<ThrowingCallable> calls =
                    List.of(
                            () -> io.bind(fd, IPV4),
                            () -> io.listen(fd, IPV4, 1),
                            () -> io.accept(fd),
                            () -> io.connect(fd, IPV4),
                            () -> io.finishConnect(fd),
                            () -> io.read(fd, one()),
                            () -> io.read(fd, new ByteBuffer[] {one()}, 0, 1),
                            () -> io.write(fd, one()),
                            () -> io.write(fd, new ByteBuffer[] {one()}, 0, 1),
                            () -> io.receive(fd, one()),
                            () -> io.send(fd, one(), IPV4),
                            () -> io.shutdownInput(fd),
                            () -> io.shutdownOutput(fd),
                            () -> io.localAddress(fd),
                            () -> io.remoteAddress(fd),
                            () -> io.option(fd, StandardSocketOptions.SO_RCVBUF),
                            () -> io.setOption(fd, StandardSocketOptions.SO_RCVBUF, 1),
                            () -> io.supportedOptions(fd),
                            () -> io.close(fd));
            for (ThrowingCallable call : calls) {
                assertThat(assertFails(Errno.EBADF, call).fd()).isEqualTo(fd);
            }
        }
    }

    @Test
    void socketsOfWrongKindAreRejected() throws IOException {
        int stream = track(io.openStream(INET));
        int datagram = track(io.openDatagram(INET));
        int listener = track(io.openListener(INET));
        assertFails(Errno.EINVAL, () -> io.accept(stream));
        assertFails(Errno.EINVAL, () -> io.accept(listener));
        assertFails(Errno.EINVAL, () -> io.listen(stream, IPV4, 1));
        assertFails(Errno.EINVAL, () -> io.bind(listener, IPV4));
        assertFails(Errno.EINVAL, () -> io.connect(listener, IPV4));
        assertFails(Errno.EOPNOTSUPP, () -> io.accept(datagram));
        assertFails(Errno.EOPNOTSUPP, () -> io.listen(datagram, IPV4, 1));
        assertFails(Errno.ENOTCONN, () -> io.read(listener, one()));
        assertFails(Errno.ENOTCONN, () -> io.write(listener, one()));
        assertFails(Errno.EINVAL, () -> io.receive(stream, one()));
        assertFails(Errno.EINVAL, () -> io.send(stream, one(), IPV4));
    }

    @Test
    void unconnectedStreamIsEnotconn() throws IOException {
        int fresh = track(io.openStream(INET));
        assertFails(Errno.ENOTCONN, () -> io.read(fresh, one()));
        assertFails(Errno.ENOTCONN, () -> io.write(fresh, one()));
        assertFails(Errno.ENOTCONN, () -> io.shutdownInput(fresh));
        assertFails(Errno.ENOTCONN, () -> io.shutdownOutput(fresh));
        assertFails(Errno.ENOTCONN, () -> io.finishConnect(fresh));
    }

    @ParameterizedTest
    @EnumSource
    void secondBindOrConnectIsRejected(StandardProtocolFamily family) throws IOException {
        int listener = listener(fresh(family), 2);
        assertFails(Errno.EINVAL, () -> io.listen(listener, fresh(family), 2));
        int second = track(io.openListener(family));
        SocketAddress taken = address(listener);
        assertThat(assertFails(Errno.EADDRINUSE, () -> io.listen(second, taken, 1)))
                .hasMessageContaining(taken.toString());
        int client = track(io.openStream(family));
        connect(client, taken);
        assertFails(Errno.EISCONN, () -> io.connect(client, taken));
    }

    @Test
    void foreignAddressIsRejected() throws IOException {
        int fd = track(io.openStream(INET));
        InetSocketAddress elsewhere = new InetSocketAddress("192.0.2.1", 0);
        assertFails(Errno.EADDRNOTAVAIL, () -> io.bind(fd, elsewhere));
        assertFails(Errno.EAFNOSUPPORT, () -> io.bind(fd, IPV6));
        assertFails(Errno.EAFNOSUPPORT, () -> io.bind(fd, fresh(UNIX)));
        assertThatIllegalArgumentException().isThrownBy(() -> io.listen(fd, IPV4, 0));
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("nowhere.invalid", 1);
        assertThatExceptionOfType(UnresolvedAddressException.class)
                .isThrownBy(() -> io.connect(fd, unresolved));
    }

    @Test
    void unsupportedFamiliesAreRejected() {
        assertFails(Errno.EAFNOSUPPORT, () -> io.openStream(() -> "IPX"));
        assertFails(Errno.EAFNOSUPPORT, () -> io.openListener(() -> "IPX"));
        assertFails(Errno.EAFNOSUPPORT, () -> io.openDatagram(() -> "IPX"));
        assertThatThrownBy(() -> io.openDatagram(UNIX))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void numberStaysTakenAfterFailedConnect() throws IOException {
        SocketAddress nobody = refusing();
        int client = track(io.openStream(INET));
        assertFails(Errno.ECONNREFUSED, () -> connect(client, nobody));
        assertFails(Errno.EBADF, () -> io.connect(client, nobody));
        assertFails(Errno.EBADF, () -> io.read(client, one()));
        assertThat(track(io.openStream(INET))).isNotEqualTo(client);
        close(client);
        assertThat(track(io.openStream(INET))).isEqualTo(client);
    }

    @Test
    void failedUnixConnectFailsAtOnce() throws IOException {
        int missing = track(io.openStream(UNIX));
        assertFails(Errno.ENOENT, () -> io.connect(missing, fresh(UNIX)));
        int listener = listener(fresh(UNIX), 1);
        assertThat(io.connect(track(io.openStream(UNIX)), fresh(UNIX))).isTrue();
        assertThat(io.connect(track(io.openStream(UNIX)), fresh(UNIX))).isTrue();
        int late = track(io.openStream(UNIX));
        assertFails(Errno.EAGAIN, () -> io.connect(late, fresh(UNIX)));
        close(listener);
        int refused = track(io.openStream(UNIX));
        assertFails(Errno.ECONNREFUSED, () -> io.connect(refused, fresh(UNIX)));
    }

    @Test
    void pendingConnectWouldBlockAndHasNoPeer() throws IOException {
        int listener = listener(IPV4, 1);
        connect(track(io.openStream(INET)), address(listener));
        connect(track(io.openStream(INET)), address(listener));
        int late = connecting(listener); // the backlog is full
        for (int i = 0; i < 100; i++) {
            assertThat(io.finishConnect(late)).isFalse();
            assertThat(io.read(late, one())).isZero();
            assertThat(io.write(late, one())).isZero();
            assertThat(io.write(late, new ByteBuffer[] {one()}, 0, 1)).isZero();
        }
        assertThat(io.remoteAddress(late)).isNull();
        assertFails(Errno.EALREADY, () -> io.connect(late, address(listener)));
    }

    @Test
    void connectedStreamIsUsableWithoutFinishConnect() throws IOException {
        int listener = listener(IPV4, 1);
        int client = connecting(listener);
        until(() -> io.write(client, ByteBuffer.wrap(new byte[] {'x'})) == 1);
        assertThat(read(accept(listener), 1)).isEqualTo("x");
        assertThat(io.finishConnect(client)).isTrue();
    }

    @Test
    void refusedStreamFailsOnFirstUse() throws IOException {
        SocketAddress nobody = refusing();
        int client = track(io.openStream(INET));
        assertFails(
                Errno.ECONNREFUSED,
                () -> {
                    io.connect(client, nobody);
                    until(() -> read(client) != 0);
                });
    }

    @Test
    void resetIsReportedInBothDirections() throws IOException {
        int[] ends = tcp();
        io.setOption(ends[1], StandardSocketOptions.SO_LINGER, 0);
        close(ends[1]);
        assertFails(Errno.ECONNRESET, () -> until(() -> read(ends[0]) != 0));
        assertFails(Errno.EPIPE, () -> until(() -> io.write(ends[0], one()) == 0));
    }

    @Test
    void datagramsKeepBoundariesAndSender() throws IOException {
        int sender = boundDatagram();
        int receiver = boundDatagram();
        ByteBuffer target = ByteBuffer.allocate(2);
        assertThat(io.receive(receiver, target)).isNull();
        assertThat(io.send(sender, US_ASCII.encode("long"), address(receiver))).isEqualTo(4);
        assertThat(io.send(sender, ByteBuffer.allocate(0), address(receiver))).isZero();
        assertThat(io.send(sender, US_ASCII.encode("n"), address(receiver))).isEqualTo(1);
        assertThat(io.receive(receiver, target)).isEqualTo(address(sender));
        assertThat(US_ASCII.decode(target.flip()).toString()).isEqualTo("lo");
        assertThat(io.receive(receiver, target.clear())).isEqualTo(address(sender));
        assertThat(target.position()).isZero();
        assertThat(io.read(receiver, target)).isEqualTo(1); // as on an unconnected kernel socket
        assertThat(io.read(receiver, target)).isZero();
    }

    @Test
    void connectedDatagramSocketHasOnePeerAtATime() throws IOException {
        int first = boundDatagram();
        int second = boundDatagram();
        int fd = boundDatagram();
        assertFails(Errno.EDESTADDRREQ, () -> io.write(fd, one()));
        assertThat(io.connect(fd, address(first))).isTrue();
        assertThat(io.connect(fd, address(second))).isTrue();
        assertThat(io.remoteAddress(fd)).isEqualTo(address(second));
        write(fd, "x");
        assertThat(read(second, 1)).isEqualTo("x");
        assertThat(io.send(fd, one(), address(second))).isEqualTo(1);
        assertFails(Errno.EISCONN, () -> io.send(fd, one(), address(first)));
    }

    @Test
    void unsendableDatagramsAreRejected() throws IOException {
        int deaf = boundDatagram();
        SocketAddress nobody = address(deaf);
        io.connect(deaf, nobody); // receives only from itself and keeps its port
        int fd = boundDatagram();
        assertFails(Errno.EMSGSIZE, () -> io.send(fd, ByteBuffer.allocate(70_000), nobody));
        assertFails(Errno.EINVAL, () -> io.send(fd, one(), IPV4)); // port 0
        assertFails(Errno.EAFNOSUPPORT, () -> io.send(fd, one(), fresh(UNIX)));
        io.connect(fd, nobody);
        io.write(fd, one());
        assertFails(Errno.ECONNREFUSED, () -> until(() -> io.receive(fd, one()) != null));
    }

    @Test
    void optionsAreSetAndRead() throws IOException {
        int fd = track(io.openStream(INET));
        io.setOption(fd, StandardSocketOptions.TCP_NODELAY, true);
        assertThat(io.option(fd, StandardSocketOptions.TCP_NODELAY)).isTrue();
        assertThat(io.option(fd, StandardSocketOptions.SO_LINGER)).isEqualTo(-1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> io.setOption(fd, StandardSocketOptions.SO_RCVBUF, -1))
                .withMessage("SO_RCVBUF cannot be -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> io.setOption(fd, StandardSocketOptions.SO_RCVBUF, null))
                .withMessage("SO_RCVBUF cannot be null");
        assertThatThrownBy(() -> io.option(fd, StandardSocketOptions.IP_MULTICAST_TTL))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> io.setOption(fd, StandardSocketOptions.IP_MULTICAST_TTL, 1))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(io.supportedOptions(fd))
                .contains(StandardSocketOptions.TCP_NODELAY)
                .doesNotContain(StandardSocketOptions.IP_MULTICAST_TTL);
        int listener = track(io.openListener(INET));
        assertThat(io.option(listener, StandardSocketOptions.SO_REUSEADDR)).isTrue();
    }

    @Test
    void jdkChannelIsUsableByNumber() throws IOException {
        int listener = listener(IPV4, 1);
        SocketChannel channel = closing(SocketChannel.open(address(listener)));
        channel.configureBlocking(false);
        int fd = io.fileno(channel);
        assertThat(io.fileno(channel)).isEqualTo(fd);
        write(fd, "x");
        assertThat(read(accept(listener), 1)).isEqualTo("x");
        channel.close();
        assertFails(Errno.EBADF, () -> io.write(fd, one()));
        assertFails(Errno.EBADF, () -> io.fileno(channel));
        assertFails(Errno.EBADF, () -> io.close(fd));
    }

    @Test
    void nativeOperationsAreAbsent() {
        assertThat(io).isNotInstanceOf(NativeDescriptors.class);
        assertThatThrownBy(() -> NativeDescriptors.of(new SelectProvider()))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("the backend select ")
                .hasMessageContaining("-Duloop.poller=native");
    }

    @Test
    void unsupportedOptionIsRejectedByName() throws IOException {
        int fd = track(io.openListener(INET6));
        for (SocketOption<Boolean> option :
                List.of(KernelSocketOptions.IPV6_V6ONLY, KernelSocketOptions.UDP_GRO)) {
            assertThatThrownBy(() -> io.setOption(fd, option, true))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining(option.name());
            assertThatThrownBy(() -> io.option(fd, option))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining(System.getProperty("os.name"));
        }
    }

    @Test
    void transferWritesBytesOfFile() throws IOException {
        Path path = Files.writeString(directory.resolve("file"), "0123456789");
        int[] ends = tcp();
        int[] pipe = pipe();
        try (FileChannel source = FileChannel.open(path)) {
            assertThat(io.transfer(source, 2, 5, ends[0])).isEqualTo(5);
            assertThat(read(ends[1], 5)).isEqualTo("23456");
            assertThat(io.activity(ends[0])).isEqualTo(1);
            assertThat(io.transfer(source, 8, 100, pipe[1])).isEqualTo(2);
            assertThat(read(pipe[0], 2)).isEqualTo("89");
            assertThat(io.transfer(source, 10, 1, ends[0])).isEqualTo(-1);
            assertThat(io.transfer(source, 0, 0, ends[0])).isZero();
            assertThat(source.position()).isZero();
            assertFails(Errno.EBADF, () -> io.transfer(source, 0, 1, 999));
            assertFails(Errno.EBADF, () -> io.transfer(source, 0, 1, pipe[0]));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> io.transfer(source, -1, 1, ends[0]));
            close(ends[1]);
            assertFails(Errno.EPIPE, () -> until(() -> io.transfer(source, 0, 1, ends[0]) < 0));
        }
        FileChannel closed = FileChannel.open(path);
        closed.close();
        assertThatExceptionOfType(ClosedChannelException.class)
                .isThrownBy(() -> io.transfer(closed, 0, 1, ends[0]));
    }

    @Test
    void fileClosedByInterruptIsNotReportedAsSocketError() throws IOException {
        int[] ends = tcp();
        Path path = Files.write(directory.resolve("file"), new byte[1]);
        try (FileChannel source = FileChannel.open(path)) {
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(ClosedByInterruptException.class)
                    .isThrownBy(() -> io.transfer(source, 0, 1, ends[0]));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(source.isOpen()).isFalse();
        }
    }

    @Test
    void thousandOfEachLeaveNothingOpen() throws IOException {
        int[] numbers = new int[5];
        for (int i = 0; i < 1000; i++) {
            int[] pipe = Ends.of(io.pipe());
            int[] opened = {
                io.openListener(INET), io.openStream(INET), io.openDatagram(INET), pipe[0], pipe[1]
            };
            for (int fd : opened) {
                io.close(fd);
            }
            if (i == 0) {
                numbers = opened;
            }
            assertThat(opened).containsExactly(numbers);
        }
    }
}
