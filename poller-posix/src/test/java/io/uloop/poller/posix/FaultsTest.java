package io.uloop.poller.posix;

import static io.uloop.poller.posix.Failures.assertFails;
import static io.uloop.poller.tck.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.uloop.poller.Errno;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.tck.Ends;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rare failures of the kernel, injected by {@link Faults}. */
@ExtendWith(NoDescriptorLeak.class)
final class FaultsTest {
    private final Faults layer = new Faults();
    private final Map<String, Errno> faults = layer.next;
    private final Map<String, Integer> calls = layer.calls;
    private final PosixDescriptors descriptors =
            new PosixDescriptors(layer.before(Libc.Calls.class, Libc.CALLS), false);

    private void close(int... fds) throws IOException {
        faults.clear();
        for (int fd : fds) {
            descriptors.close(fd);
        }
    }

    @Test
    void interruptedReadsAndWritesAreRepeated() throws IOException {
        int[] ends = Ends.of(descriptors.socketPair());
        ByteBuffer buffer = ByteBuffer.allocate(1);
        ByteBuffer[] buffers = {buffer};
        faults.put("send", Errno.EINTR);
        faults.put("recv", Errno.EINTR);
        faults.put("writev", Errno.EINTR);
        faults.put("readv", Errno.EINTR);
        assertThat(descriptors.write(ends[0], buffer)).isEqualTo(1);
        assertThat(descriptors.read(ends[1], buffer.clear())).isEqualTo(1);
        buffer.clear();
        assertThat(descriptors.write(ends[0], buffers, 0, 1)).isEqualTo(1);
        buffer.clear();
        assertThat(descriptors.read(ends[1], buffers, 0, 1)).isEqualTo(1);
        assertThat(calls)
                .containsEntry("recv", 2)
                .containsEntry("send", 2)
                .containsEntry("readv", 2)
                .containsEntry("writev", 2);
        close(ends);
    }

    @Test
    void fileIsTriedAsASocketOnlyOnce() throws IOException {
        int[] pipe = Ends.of(descriptors.pipe());
        ByteBuffer buffer = ByteBuffer.allocate(1);
        faults.put("write", Errno.EINTR);
        faults.put("read", Errno.EINTR);
        for (int i = 0; i < 3; i++) {
            assertThat(descriptors.write(pipe[1], buffer.clear())).isEqualTo(1);
            assertThat(descriptors.read(pipe[0], buffer.clear())).isEqualTo(1);
        }
        assertThat(calls)
                .containsEntry("send", 1)
                .containsEntry("recv", 1)
                .containsEntry("write", 4)
                .containsEntry("read", 4);
        close(pipe);
    }

    @Test
    void reusedFileNumberIsTriedAsASocket() throws IOException {
        int[] pipe = Ends.of(descriptors.pipe());
        ByteBuffer buffer = ByteBuffer.allocate(1);
        assertThat(descriptors.write(pipe[1], buffer)).isEqualTo(1);
        assertThat(descriptors.read(pipe[0], buffer.clear())).isEqualTo(1);
        close(pipe);
        calls.clear();
        int[] ends = Ends.of(descriptors.socketPair());
        assertThat(descriptors.write(ends[0], buffer.clear())).isEqualTo(1);
        assertThat(descriptors.read(ends[1], buffer.clear())).isEqualTo(1);
        assertThat(calls)
                .containsEntry("send", 1)
                .containsEntry("recv", 1)
                .doesNotContainKeys("write", "read");
        close(ends);
    }

    @Test
    void interruptedAcceptIsRepeatedAndConnectContinues() throws IOException {
        int listener = descriptors.openListener(StandardProtocolFamily.INET);
        descriptors.listen(listener, Loopback.IPV4, 1);
        SocketAddress remote = descriptors.localAddress(listener);
        int client = descriptors.openStream(StandardProtocolFamily.INET);
        faults.put("connect", Errno.EINTR);
        assertThat(descriptors.connect(client, remote)).isFalse();
        faults.put("accept", Errno.EINTR);
        assertThat(descriptors.accept(listener)).isEqualTo(PosixDescriptors.NONE);
        assertThat(calls).containsEntry("accept", 2).containsEntry("connect", 1);
        faults.put("poll", Errno.EINTR);
        assertFails(Errno.ENOTCONN, () -> descriptors.finishConnect(client));
        assertThat(calls).containsEntry("poll", 2);
        close(listener, client);
    }

    @Test
    void interruptedOpenIsRepeated() throws IOException {
        faults.put("open", Errno.EINTR);
        int fd = descriptors.open(Path.of("/"));
        assertThat(calls).containsEntry("open", 2);
        close(fd);
    }

    @Test
    void interruptedCloseIsNotRepeated() throws IOException {
        int[] ends = Ends.of(descriptors.pipe());
        faults.put("close", Errno.EINTR);
        assertThatCode(() -> descriptors.close(ends[0])).doesNotThrowAnyException();
        assertThat(calls).containsEntry("close", 1);
        close(ends); // the injected failure kept it open
    }

    @Test
    void failedCloseThrows() throws IOException {
        int[] ends = Ends.of(descriptors.pipe());
        faults.put("close", Errno.EIO);
        assertFails(Errno.EIO, () -> descriptors.close(ends[0]));
        close(ends);
    }

    @ParameterizedTest
    @ValueSource(strings = {"socket", "setsockopt", "fcntl"})
    void halfOpenedSocketIsClosed(String call) {
        faults.put(call, Errno.ENOMEM);
        assertFails(Errno.ENOMEM, () -> descriptors.openStream(StandardProtocolFamily.INET6));
    }

    @Test
    void systemWithoutDualStackOpensInet6Only() throws IOException {
        faults.put("setsockopt", Errno.EINVAL);
        close(descriptors.openStream(StandardProtocolFamily.INET6));
    }

    @Test
    void halfAcceptedConnectionIsClosed() throws IOException {
        int listener = descriptors.openListener(StandardProtocolFamily.INET);
        descriptors.listen(listener, Loopback.IPV4, 1);
        int client = descriptors.openStream(StandardProtocolFamily.INET);
        descriptors.connect(client, descriptors.localAddress(listener));
        until(() -> descriptors.finishConnect(client));
        faults.put("fcntl", Errno.ENOMEM);
        assertFails(Errno.ENOMEM, () -> descriptors.accept(listener));
        ByteBuffer target = ByteBuffer.allocate(1);
        until(() -> descriptors.read(client, target) == -1);
        close(listener, client);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pipe", "fcntl"})
    void halfOpenedPipeIsClosed(String call) {
        faults.put(call, Errno.ENFILE);
        assertFails(Errno.ENFILE, descriptors::pipe);
    }

    @ParameterizedTest
    @ValueSource(strings = {"socketpair", "fcntl"})
    void halfOpenedPairIsClosed(String call) {
        faults.put(call, Errno.ENFILE);
        assertFails(Errno.ENFILE, descriptors::socketPair);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dup", "fcntl"})
    void halfOpenedDupIsClosed(String call) throws IOException {
        int[] ends = Ends.of(descriptors.pipe());
        faults.put(call, Errno.EMFILE);
        assertFails(Errno.EMFILE, () -> descriptors.dup(ends[0]));
        close(ends);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "posix_openpt",
                "fcntl",
                "grantpt",
                "unlockpt",
                "open",
                "tcgetattr",
                "tcsetattr"
            })
    void halfMadeTerminalIsClosed(String call) {
        faults.put(call, Errno.ENOSPC);
        assertFails(Errno.ENOSPC, descriptors::pty);
    }

    @ParameterizedTest
    @ValueSource(strings = {"listen", "bind", "getsockname"})
    void failedListenThrows(String call) throws IOException {
        int fd = descriptors.openListener(StandardProtocolFamily.INET);
        faults.put(call, Errno.EACCES);
        assertFails(Errno.EACCES, () -> descriptors.listen(fd, Loopback.IPV4, 1));
        close(fd);
    }

    @Test
    void failedQueryInFinishConnectThrows() throws IOException {
        int fd = descriptors.openStream(StandardProtocolFamily.INET);
        faults.put("getsockopt", Errno.ENOMEM);
        assertFails(Errno.ENOMEM, () -> descriptors.finishConnect(fd));
        faults.put("poll", Errno.ENOMEM);
        assertFails(Errno.ENOMEM, () -> descriptors.finishConnect(fd));
        faults.put("getpeername", Errno.ENOMEM);
        assertFails(Errno.ENOMEM, () -> descriptors.finishConnect(fd));
        close(fd);
    }

    @Test
    void peerLostAfterShutdownIsNull() throws IOException {
        int[] ends = Ends.of(descriptors.socketPair());
        faults.put("getpeername", Errno.EINVAL);
        assertThat(descriptors.remoteAddress(ends[0])).isNull();
        close(ends);
    }

    @Test
    void interruptedPassingIsRepeated() throws IOException {
        int[] ends = Ends.of(descriptors.socketPair());
        ByteBuffer buffer = ByteBuffer.allocate(1);
        int[] received = new int[1];
        faults.put("sendmsg", Errno.EINTR);
        assertThat(descriptors.sendDescriptors(ends[0], buffer, ends[0])).isEqualTo(1);
        faults.put("recvmsg", Errno.EINTR);
        assertThat(descriptors.receiveDescriptors(ends[1], buffer.clear(), received)).isEqualTo(1);
        assertThat(calls).containsEntry("sendmsg", 2).containsEntry("recvmsg", 2);
        close(received[0]);
        faults.put("sendmsg", Errno.ETOOMANYREFS);
        assertFails(
                Errno.ETOOMANYREFS,
                () -> descriptors.sendDescriptors(ends[0], buffer.clear(), ends[0]));
        faults.put("recvmsg", Errno.ECONNRESET);
        assertFails(
                Errno.ECONNRESET,
                () -> descriptors.receiveDescriptors(ends[1], buffer.clear(), received));
        assertThat(received).containsExactly(PosixDescriptors.NONE);
        close(ends);
    }

    @Test
    void receivedDescriptorsAreClosedWhenCloexecFails() throws IOException {
        int[] ends = Ends.of(descriptors.socketPair());
        ByteBuffer buffer = ByteBuffer.allocate(1);
        int[] received = new int[2];
        descriptors.sendDescriptors(ends[0], buffer, ends[0], ends[1]);
        faults.put("fcntl", Errno.ENOMEM);
        assertFails(
                Errno.ENOMEM,
                () -> descriptors.receiveDescriptors(ends[1], buffer.clear(), received));
        assertThat(received).containsOnly(PosixDescriptors.NONE);
        close(ends);
    }
}
