package io.uloop.poller.posix.socket;

import static io.uloop.poller.tck.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.DatagramAddress;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.posix.Loopback;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.file.Opener;
import io.uloop.poller.spi.ActivityCounts;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Failures that a test cannot provoke in a kernel. */
@ExtendWith(NoDescriptorLeak.class)
class DatagramFaultsTest {
    private final PosixDescriptors descriptors = PosixDescriptors.INSTANCE;
    private final AtomicInteger receives = new AtomicInteger();
    private final AtomicInteger sends = new AtomicInteger();
    private final ActivityCounts activity = new ActivityCounts();
    private final Datagrams datagrams =
            new Datagrams(
                    new Sockets(
                            Libc.CALLS, new Opener(Libc.CALLS, Linux.CALLS, Linux.HERE), activity),
                    activity,
                    interruptedOnce(receives, Datagrams.RECVFROM),
                    interruptedOnce(sends, Datagrams.SENDTO));
    private int fd;

    private static Datagrams.Call interruptedOnce(AtomicInteger calls, Datagrams.Call call) {
        return (fd, bytes, count, flags, address, length) -> {
            if (calls.incrementAndGet() == 1) {
                Posix.setErrno(Posix.number(Errno.EINTR));
                return -1;
            }
            return call.call(fd, bytes, count, flags, address, length);
        };
    }

    @BeforeEach
    void open() throws IOException {
        fd = descriptors.openDatagram(StandardProtocolFamily.INET);
        descriptors.bind(fd, Loopback.IPV4);
    }

    @AfterEach
    void close() throws IOException {
        descriptors.close(fd);
    }

    @Test
    void interruptedSendIsRepeatedOnce() throws IOException {
        SocketAddress self = descriptors.localAddress(fd);
        assertThat(self).isNotNull();
        ByteBuffer source = ByteBuffer.wrap(new byte[] {1, 2, 3});
        assertThat(datagrams.send(fd, source, new DatagramAddress(self))).isEqualTo(3);
        assertThat(source.hasRemaining()).isFalse();
        assertThat(sends).hasValue(2);
        assertThat(activity.count(fd)).isOne();
        ByteBuffer target = ByteBuffer.allocate(9);
        until(() -> descriptors.receive(fd, target) != null);
        assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertThat(descriptors.receive(fd, target)).isNull();
    }

    @Test
    void interruptedReceiveIsRepeated() throws IOException {
        ByteBuffer target = ByteBuffer.allocate(9);
        DatagramAddress sender = new DatagramAddress();
        assertThat(datagrams.receive(fd, target, sender)).isEqualTo(Descriptors.NONE);
        assertThat(receives).hasValue(2);
        SocketAddress self = descriptors.localAddress(fd);
        assertThat(self).isNotNull();
        descriptors.send(fd, ByteBuffer.wrap(new byte[] {7}), self);
        receives.set(0);
        assertThat(datagrams.receive(fd, target, sender)).isOne();
        assertThat(sender.toSocketAddress()).isEqualTo(self);
        assertThat(receives).hasValue(2);
        assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {7}));
    }
}
