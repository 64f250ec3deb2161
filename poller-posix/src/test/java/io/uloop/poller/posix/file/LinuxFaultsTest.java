package io.uloop.poller.posix.file;

import static io.uloop.poller.posix.Failures.assertFails;
import static io.uloop.poller.tck.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uloop.poller.DatagramBatch;
import io.uloop.poller.Errno;
import io.uloop.poller.KernelSocketOptions;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.Faults;
import io.uloop.poller.posix.Loopback;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.socket.DatagramBatches;
import io.uloop.poller.spi.ActivityCounts;
import io.uloop.poller.tck.Ends;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NonReadableChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rare failures of Linux's own calls, injected by {@link Faults}. */
@EnabledOnOs(OS.LINUX)
@ExtendWith(NoDescriptorLeak.class)
final class LinuxFaultsTest {
    private final Faults faults = new Faults();
    private final Linux.Calls linux = faults.before(Linux.Calls.class, Linux.CALLS);
    private final Libc.Calls libc = faults.before(Libc.Calls.class, Libc.CALLS);
    private final PosixDescriptors descriptors = PosixDescriptors.INSTANCE;
    private final ActivityCounts activity = new ActivityCounts();
    private final DatagramBatches batches =
            new DatagramBatches(descriptors::send, libc, linux, activity);
    private final FileTransfers files =
            new FileTransfers(new Transfers(libc, activity), linux, true, activity);
    private final DatagramBatch batch = new DatagramBatch(8, 10);
    @TempDir private Path directory;
    private int fd;
    private SocketAddress self;

    @BeforeEach
    void open() throws IOException {
        fd = descriptors.openDatagram(StandardProtocolFamily.INET);
        descriptors.bind(fd, Loopback.IPV4);
        self = descriptors.localAddress(fd);
        for (int slot = 0; slot < 2; slot++) {
            batch.data(slot).clear().put((byte) slot).put((byte) slot).flip();
            batch.address(slot).set(self);
        }
    }

    @AfterEach
    void close() throws IOException {
        descriptors.close(fd);
    }

    @Test
    void interruptedBatchesAreRepeated() throws IOException {
        faults.next.put("sendmmsg", Errno.EINTR);
        assertThat(batches.send(fd, batch, 0, 2)).isEqualTo(2);
        faults.next.put("recvmmsg", Errno.EINTR);
        assertThat(batches.receive(fd, batch)).isEqualTo(2);
        assertThat(faults.calls).containsEntry("sendmmsg", 2).containsEntry("recvmmsg", 2);
    }

    @Test
    void failedBatchThrowsAndKeepsTheSlots() throws IOException {
        faults.next.put("sendmmsg", Errno.ENOBUFS);
        assertThatExceptionOfType(PollerException.class)
                .isThrownBy(() -> batches.send(fd, batch, 0, 2))
                .withMessageContaining("ENOBUFS")
                .withMessageContaining(self.toString());
        faults.next.put("sendmmsg", Errno.EAGAIN);
        assertThat(batches.send(fd, batch, 0, 2)).isZero();
        assertThat(batch.data(0).remaining()).isEqualTo(2);
        faults.next.put("recvmmsg", Errno.ECONNREFUSED);
        assertFails(Errno.ECONNREFUSED, () -> batches.receive(fd, batch));
        assertThat(activity.count(fd)).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"ENOSYS", "EPERM"})
    void rejectedBatchCallsMoveMessagesOneByOne(Errno errno) throws IOException {
        faults.next.put("sendmmsg", errno);
        faults.next.put("recvmmsg", errno);
        for (int i = 0; i < 2; i++) {
            assertThat(batches.send(fd, batch, 0, 2)).isEqualTo(2);
            DatagramBatch received = new DatagramBatch(8, 1);
            assertThat(batches.receive(fd, received)).isEqualTo(2);
            assertThat(received.data(1)).isEqualTo(ByteBuffer.wrap(new byte[] {1}));
            assertThat(received.isTruncated(1)).isTrue();
            assertThat(received.address(1).toSocketAddress()).isEqualTo(self);
            assertThat(batches.receive(fd, received)).isZero();
            batch.data(0).position(0);
            batch.data(1).position(0);
        }
        assertThat(faults.calls).containsEntry("sendmmsg", 1).containsEntry("recvmmsg", 1);
    }

    @Test
    void rejectedBatchCallsKeepSegments() throws IOException {
        descriptors.setOption(fd, KernelSocketOptions.UDP_GRO, true);
        faults.next.put("sendmmsg", Errno.ENOSYS);
        faults.next.put("recvmmsg", Errno.ENOSYS);
        batch.setSegmentBytes(0, 1);
        assertThat(batches.send(fd, batch, 0, 1)).isEqualTo(1);
        DatagramBatch received = new DatagramBatch(8, 10);
        until(() -> batches.receive(fd, received) == 1);
        assertThat(received.data(0).remaining()).isEqualTo(2);
        assertThat(received.segmentBytes(0)).isEqualTo(1);
    }

    @Test
    void firewallErrorKeepsBatchCalls() throws IOException {
        faults.next.put("sendmmsg", Errno.EPERM);
        faults.next.put("sendmsg", Errno.EPERM);
        assertFails(Errno.EPERM, () -> batches.send(fd, batch, 0, 2));
        assertThat(batches.send(fd, batch, 0, 2)).isEqualTo(2);
        assertThat(faults.calls).containsEntry("sendmmsg", 2).containsEntry("sendmsg", 1);
    }

    @ParameterizedTest
    @EnumSource(names = {"ENOSYS", "EPERM"})
    void rejectedLinuxCallsFallBackToPosix(Errno errno) throws IOException {
        Opener opener = new Opener(libc, linux, true);
        int listener = descriptors.openListener(StandardProtocolFamily.INET);
        descriptors.listen(listener, Loopback.IPV4, 4);
        faults.next.put("accept4", errno);
        faults.next.put("pipe2", errno);
        for (int i = 0; i < 2; i++) {
            int client = descriptors.openStream(StandardProtocolFamily.INET);
            descriptors.connect(client, descriptors.localAddress(listener));
            until(() -> descriptors.finishConnect(client));
            int server = until(() -> opener.accept(listener), each -> each >= 0);
            assertThat(descriptors.read(server, ByteBuffer.allocate(1))).isZero();
            descriptors.close(client);
            descriptors.close(server);
            int[] ends = Ends.of(opener.pipe());
            assertThat(descriptors.read(ends[0], ByteBuffer.allocate(1))).isZero();
            descriptors.close(ends[0]);
            descriptors.close(ends[1]);
        }
        assertThat(opener.accept(listener)).isNegative();
        descriptors.close(listener);
        assertThat(faults.calls).containsEntry("accept4", 1).containsEntry("pipe2", 1);
    }

    @Test
    void acceptRejectedByAFirewallThrows() throws IOException {
        Opener opener = new Opener(libc, linux, true);
        faults.next.put("accept4", Errno.EPERM);
        faults.next.put("accept", Errno.EPERM);
        assertThat(opener.accept(fd)).isNegative();
        assertThat(Posix.errno()).isEqualTo(Posix.EPERM);
        assertThat(opener.accept(fd)).isNegative();
        assertThat(faults.calls).containsEntry("accept4", 2).containsEntry("accept", 1);
    }

    /** Asserts that the two segments of the first slot arrive. */
    private void assertRowArrives() throws IOException {
        for (int i = 0; i < 2; i++) {
            ByteBuffer target = ByteBuffer.allocate(10);
            until(() -> descriptors.receive(fd, target) != null);
            assertThat(target.position()).isEqualTo(1);
        }
        assertThat(batch.data(0).hasRemaining()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"EINVAL", "EIO", "EMSGSIZE"})
    void rejectedSegmentationSendsOneByOne(Errno errno) throws IOException {
        batch.setSegmentBytes(0, 1);
        faults.next.put("sendmmsg", errno);
        assertThat(batches.send(fd, batch, 0, 1)).isEqualTo(1);
        assertRowArrives();
        batch.data(0).position(0);
        batch.setSegmentBytes(0, 0);
        faults.next.put("sendmmsg", errno);
        assertFails(errno, () -> batches.send(fd, batch, 0, 1));
    }

    @Test
    void kernelWithoutSegmentationIsNotAsked() throws IOException {
        batch.setSegmentBytes(0, 1);
        faults.next.put("getsockopt", Errno.ENOPROTOOPT);
        assertThat(batches.send(fd, batch, 0, 1)).isEqualTo(1);
        assertThat(faults.calls).doesNotContainKey("sendmmsg");
        assertRowArrives();
    }

    @ParameterizedTest
    @EnumSource(names = {"EINTR", "EINVAL", "ENOSYS", "EPERM", "EBADF", "EOVERFLOW"})
    void rejectedSendfileCopies(Errno errno) throws IOException {
        Path path = Files.writeString(directory.resolve("file"), "abc");
        int file = descriptors.open(path);
        int[] ends = Ends.of(descriptors.pipe());
        try (FileChannel source = FileChannel.open(path)) {
            faults.next.put("sendfile", errno);
            assertThat(files.send(file, source, 1, 10, ends[1])).isEqualTo(2);
            assertThat(faults.calls).containsEntry("sendfile", errno == Errno.EINTR ? 2 : 1);
            assertThat(faults.calls.containsKey("write")).isEqualTo(errno != Errno.EINTR);
        } finally {
            descriptors.close(file);
            descriptors.close(ends[0]);
            descriptors.close(ends[1]);
        }
    }

    @Test
    void failedSendfileThrows() throws IOException {
        Path path = Files.writeString(directory.resolve("file"), "abc");
        int file = descriptors.open(path);
        int[] ends = Ends.of(descriptors.pipe());
        try (FileChannel source = FileChannel.open(path);
                FileChannel sink = FileChannel.open(path, StandardOpenOption.WRITE)) {
            faults.next.put("sendfile", Errno.EIO);
            assertFails(Errno.EIO, () -> files.send(file, source, 0, 10, ends[1]));
            faults.next.put("sendfile", Errno.EAGAIN);
            assertThat(files.send(file, source, 0, 10, ends[1])).isZero();
            faults.next.put("sendfile", Errno.EBADF);
            assertThatExceptionOfType(NonReadableChannelException.class)
                    .isThrownBy(() -> files.send(file, sink, 0, 10, ends[1]));
            assertThat(activity.count(ends[1])).isZero();
        } finally {
            descriptors.close(file);
            descriptors.close(ends[0]);
            descriptors.close(ends[1]);
        }
    }
}
