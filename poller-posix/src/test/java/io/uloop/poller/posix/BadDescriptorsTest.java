package io.uloop.poller.posix;

import static io.uloop.poller.posix.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.DatagramError;
import io.uloop.poller.DatagramInfo;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.MulticastChange;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.posix.file.FileIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class BadDescriptorsTest extends DescriptorsTest {
    private static final InetAddress GROUP = Loopback.address(new byte[] {(byte) 239, 0, 0, 1});
    private static final NetworkInterface LOOPBACK = loopback();

    private static NetworkInterface loopback() {
        try {
            return NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    BadDescriptorsTest(boolean linux) {
        super(linux);
    }

    interface Use {
        void on(NativeDescriptors descriptors, int fd) throws IOException;
    }

    static List<Named<Use>> uses() {
        ByteBuffer buffer = ByteBuffer.allocate(1);
        ByteBuffer direct = ByteBuffer.allocateDirect(1);
        ByteBuffer[] buffers = {buffer, direct};
        return List.of(
                use("bind", (all, fd) -> all.bind(fd, Loopback.IPV4)),
                use("listen", (all, fd) -> all.listen(fd, Loopback.IPV4, 1)),
                use("accept", Descriptors::accept),
                use("connect", (all, fd) -> all.connect(fd, Loopback.IPV4)),
                use("finishConnect", Descriptors::finishConnect),
                use("read heap", (all, fd) -> all.read(fd, buffer)),
                use("read direct", (all, fd) -> all.read(fd, direct)),
                use("read several", (all, fd) -> all.read(fd, buffers, 0, 2)),
                use("write heap", (all, fd) -> all.write(fd, buffer)),
                use("write direct", (all, fd) -> all.write(fd, direct)),
                use("write several", (all, fd) -> all.write(fd, buffers, 0, 2)),
                use("receive heap", (all, fd) -> all.receive(fd, buffer)),
                use("receive direct", (all, fd) -> all.receive(fd, direct)),
                use("send", (all, fd) -> all.send(fd, buffer, Loopback.IPV4)),
                use("shutdownInput", Descriptors::shutdownInput),
                use("shutdownOutput", Descriptors::shutdownOutput),
                use("close", Descriptors::close),
                use(
                        "setOption",
                        (all, fd) -> all.setOption(fd, StandardSocketOptions.SO_SNDBUF, 1)),
                use(
                        "setOption by family",
                        (all, fd) -> all.setOption(fd, StandardSocketOptions.IP_TOS, 1)),
                use("option", (all, fd) -> all.option(fd, StandardSocketOptions.SO_SNDBUF)),
                use("supportedOptions", Descriptors::supportedOptions),
                use("localAddress", Descriptors::localAddress),
                use("remoteAddress", Descriptors::remoteAddress),
                use("kind", Descriptors::kind),
                use("peerCredentials", NativeDescriptors::peerCredentials),
                use("disconnect", Descriptors::disconnect),
                use(
                        "multicast",
                        (all, fd) ->
                                all.multicast(fd, MulticastChange.JOIN, GROUP, LOOPBACK, null)),
                use("receive with info", (all, fd) -> all.receive(fd, direct, new DatagramInfo())),
                use("send with info", (all, fd) -> all.send(fd, direct, new DatagramInfo())),
                use("setOption by number", (all, fd) -> all.setOption(fd, 1, 2, 3)),
                use("option by number", (all, fd) -> all.option(fd, 1, 2)),
                use("takeError", NativeDescriptors::takeError),
                use("peek heap", (all, fd) -> all.peek(fd, ByteBuffer.allocate(1))),
                use("peek direct", (all, fd) -> all.peek(fd, ByteBuffer.allocateDirect(1))),
                use("sendUrgent", (all, fd) -> all.sendUrgent(fd, (byte) 1)),
                use("receiveUrgent", NativeDescriptors::receiveUrgent),
                use("isBlocking", NativeDescriptors::isBlocking),
                use("setBlocking", (all, fd) -> all.setBlocking(fd, true)),
                use("setCloseOnExec", (all, fd) -> all.setCloseOnExec(fd, true)),
                use("dup", NativeDescriptors::dup));
    }

    static List<Named<Use>> usesOfLinux() {
        return List.of(
                use("writeMore heap", (all, fd) -> all.writeMore(fd, ByteBuffer.allocate(1))),
                use("writeMore", (all, fd) -> all.writeMore(fd, ByteBuffer.allocateDirect(1))),
                use(
                        "receiveError",
                        (all, fd) ->
                                all.receiveError(fd, ByteBuffer.allocate(1), new DatagramError())),
                use("setTimer", (all, fd) -> all.setTimer(fd, 1, 1)),
                use("watch", (all, fd) -> all.watch(fd, Path.of("/"), 1)));
    }

    private static Named<Use> use(String name, Use use) {
        return Named.of(name, use);
    }

    @ParameterizedTest
    @MethodSource({"uses", "usesOfLinux"})
    void negativeNumberIsEbadf(Use use) {
        assertFails(Errno.EBADF, () -> use.on(PosixDescriptors.INSTANCE, -1));
        assertFails(Errno.EBADF, () -> use.on(PosixDescriptors.INSTANCE, Integer.MIN_VALUE));
    }

    @ParameterizedTest
    @MethodSource("uses")
    void closedNumberIsEbadf(Use use) {
        int closed = Integer.MAX_VALUE - 1;
        assertThat(assertFails(Errno.EBADF, () -> use.on(descriptors, closed)).fd())
                .isEqualTo(closed);
    }

    @ParameterizedTest
    @MethodSource("usesOfLinux")
    void closedNumberIsEbadfForLinuxCalls(Use use) {
        int closed = Integer.MAX_VALUE - 1;
        assertFails(Errno.EBADF, () -> use.on(PosixDescriptors.INSTANCE, closed));
    }

    @Test
    void closedFileIsNotReportedAsUnwatchable() {
        FileIdentity file = new FileIdentity(1, 2, FileIdentity.Kind.FILE);
        assertFails(Errno.EBADF, () -> file.isWatchable(Integer.MAX_VALUE - 1));
    }

    @Test
    void closeOfAnUnopenedNumberIsNotCounted() {
        for (int fd : new int[] {-1, 1 << 30, Integer.MAX_VALUE}) {
            assertFails(Errno.EBADF, () -> descriptors.close(fd));
            assertThat(descriptors.isOpen(fd)).isFalse();
        }
        assertThat(descriptors.closes(1 << 30)).isZero();
    }
}
