package io.uloop.poller.posix.socket;

import static io.uloop.poller.posix.Failures.assertFails;
import static io.uloop.poller.tck.Waiting.until;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramBatch;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.KernelSocketOptions;
import io.uloop.poller.posix.DescriptorsTest;
import io.uloop.poller.posix.Loopback;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class DatagramBatchesTest extends DescriptorsTest {
    private static final StandardProtocolFamily INET = StandardProtocolFamily.INET;
    private static final StandardProtocolFamily INET6 = StandardProtocolFamily.INET6;
    private static final StandardProtocolFamily UNIX = StandardProtocolFamily.UNIX;

    private final DatagramBatch sent = new DatagramBatch(8, 1000);
    private final DatagramBatch received = new DatagramBatch(8, 1000);
    @TempDir private Path directory;
    private int names;

    DatagramBatchesTest(boolean linux) {
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

    private void fill(int slot, String text, int receiver) throws IOException {
        sent.data(slot).clear().put(text.getBytes(US_ASCII)).flip();
        sent.address(slot).set(descriptors.localAddress(receiver));
        sent.setSegmentBytes(slot, 0);
    }

    private String text(int slot) {
        return US_ASCII.decode(received.data(slot).duplicate()).toString();
    }

    /**
     * Receives until {@code slots} slots have arrived. They are the first ones of the last batch.
     */
    private void receive(int fd, int slots) throws IOException {
        until(() -> descriptors.receive(fd, received) == slots);
    }

    @ParameterizedTest
    @EnumSource
    void datagramsKeepTheirOrderBoundariesAndSender(StandardProtocolFamily family)
            throws IOException {
        int one = bound(family);
        int two = bound(family);
        assertThat(descriptors.receive(two, received)).isZero();
        fill(0, "not sent", two);
        fill(1, "first", two);
        fill(2, "", two);
        fill(3, "third", two);
        sent.data(3).position(1);
        assertThat(descriptors.send(one, sent, 1, 3)).isEqualTo(3);
        assertThat(sent.data(3).hasRemaining()).isFalse();
        assertThat(sent.data(0).hasRemaining()).isTrue();
        receive(two, 3);
        assertThat(text(0)).isEqualTo("first");
        assertThat(text(1)).isEmpty();
        assertThat(text(2)).isEqualTo("hird");
        for (int slot = 0; slot < 3; slot++) {
            assertThat(received.address(slot).toSocketAddress())
                    .isEqualTo(descriptors.localAddress(one));
            assertThat(received.isTruncated(slot)).isFalse();
            assertThat(received.segmentBytes(slot)).isZero();
        }
        assertThat(descriptors.receive(two, received)).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void receivedBatchIsSentUnchanged(StandardProtocolFamily family) throws IOException {
        int client = bound(family);
        int server = bound(family);
        fill(0, "ping", server);
        fill(1, "pong", server);
        descriptors.send(client, sent, 0, 2);
        receive(server, 2);
        assertThat(descriptors.send(server, received, 0, 2)).isEqualTo(2);
        receive(client, 2);
        assertThat(text(0)).isEqualTo("ping");
        assertThat(text(1)).isEqualTo("pong");
        assertThat(received.address(0)).isEqualTo(received.address(1));
    }

    @Test
    void nextCallReceivesWhatDidNotFit() throws IOException {
        int fd = bound(INET);
        for (int round = 0; round < 2; round++) {
            for (int slot = 0; slot < 8; slot++) {
                fill(slot, round + " " + slot, fd);
            }
            assertThat(descriptors.send(fd, sent, 0, 8)).isEqualTo(8);
        }
        receive(fd, 8);
        assertThat(text(7)).isEqualTo("0 7");
        receive(fd, 8);
        assertThat(text(0)).isEqualTo("1 0");
        assertThat(descriptors.receive(fd, received)).isZero();
    }

    @Test
    void longDatagramIsTruncated() throws IOException {
        int fd = bound(INET);
        DatagramBatch small = new DatagramBatch(2, 3);
        fill(0, "long", fd);
        fill(1, "fit", fd);
        descriptors.send(fd, sent, 0, 2);
        until(() -> descriptors.receive(fd, small) == 2);
        assertThat(US_ASCII.decode(small.data(0)).toString()).isEqualTo("lon");
        assertThat(US_ASCII.decode(small.data(1)).toString()).isEqualTo("fit");
        assertThat(small.isTruncated(0)).isTrue();
        assertThat(small.isTruncated(1)).isFalse();
    }

    @Test
    void batchesOfOneThreadAreIndependent() throws IOException {
        int fd = bound(INET);
        DatagramBatch[] batches = {
            received, new DatagramBatch(2, 5), new DatagramBatch(8, 5), new DatagramBatch(3, 1000)
        };
        int all = 0;
        for (int round = 0; round < 40; round++) {
            int count = 1 + round % 2;
            for (int slot = 0; slot < count; slot++) {
                fill(slot, "d" + (all + slot), fd);
            }
            assertThat(descriptors.send(fd, sent, 0, count)).isEqualTo(count);
            DatagramBatch batch = batches[round * 7 % 4];
            until(() -> descriptors.receive(fd, batch) == count);
            for (int slot = 0; slot < count; slot++) {
                assertThat(US_ASCII.decode(batch.data(slot)).toString()).isEqualTo("d" + all++);
                assertThat(batch.address(slot)).isEqualTo(sent.address(0));
            }
            assertThat(descriptors.receive(fd, batch)).isZero();
        }
    }

    @Test
    void connectedSocketSendsToItsPeer() throws IOException {
        int one = bound(INET);
        int two = bound(INET);
        fill(0, "x", two);
        sent.address(0).clear();
        assertFails(Errno.EDESTADDRREQ, () -> descriptors.send(one, sent, 0, 1));
        assertFails(
                Errno.EDESTADDRREQ,
                () -> descriptors.send(one, ByteBuffer.allocate(1), new DatagramAddress()));
        descriptors.connect(one, descriptors.localAddress(two));
        assertThat(descriptors.send(one, sent, 0, 1)).isEqualTo(1);
        assertThat(descriptors.send(one, ByteBuffer.allocate(1), new DatagramAddress()))
                .isEqualTo(1);
        receive(two, 2);
        assertThat(text(0)).isEqualTo("x");
    }

    @Test
    void inet6SocketExchangesDatagramsWithIpv4() throws IOException {
        int inet = bound(INET);
        int inet6 = track(descriptors.openDatagram(INET6));
        fill(0, "x", inet);
        assertThat(descriptors.send(inet6, sent, 0, 1)).isEqualTo(1);
        receive(inet, 1);
        assertThat(received.address(0).family()).isEqualTo(INET);
        assertThat(descriptors.send(inet, received, 0, 1)).isEqualTo(1);
        receive(inet6, 1);
        assertThat(received.address(0)).isEqualTo(sent.address(0));
    }

    @Test
    void batchStopsWhereItWouldBlock() throws IOException {
        int one = bound(UNIX);
        int two = bound(UNIX);
        for (int slot = 0; slot < 8; slot++) {
            fill(slot, "x", two);
        }
        int all = 0;
        int last;
        do {
            for (int slot = 0; slot < 8; slot++) {
                sent.data(slot).position(0);
            }
            last = descriptors.send(one, sent, 0, 8);
            all += last;
        } while (last == 8);
        assertThat(sent.data(last).hasRemaining()).isTrue();
        assertThat(descriptors.send(one, sent, last, 8 - last)).isZero();
        int back = 0;
        int got;
        while ((got = descriptors.receive(two, received)) > 0) {
            back += got;
        }
        assertThat(back).isEqualTo(all);
    }

    @Test
    void failureAfterSuccessIsReportedByTheNextCall() throws IOException {
        int one = bound(UNIX);
        int two = bound(UNIX);
        fill(0, "x", two);
        fill(1, "y", two);
        sent.address(1).set(UnixDomainSocketAddress.of(directory.resolve("missing")));
        assertThat(descriptors.send(one, sent, 0, 2)).isEqualTo(1);
        assertFails(Errno.ENOENT, () -> descriptors.send(one, sent, 1, 1));
        assertThat(sent.data(1).remaining()).isEqualTo(1);
    }

    @Test
    void slotsBeforeATooLongPathAreSent() throws IOException {
        int one = bound(UNIX);
        int two = bound(UNIX);
        fill(0, "x", two);
        fill(1, "y", two);
        fill(2, "z", two);
        sent.address(1).set(UnixDomainSocketAddress.of("/" + "x".repeat(200)));
        assertThat(descriptors.send(one, sent, 0, 3)).isEqualTo(1);
        receive(two, 1);
        assertThat(text(0)).isEqualTo("x");
        assertFails(Errno.ENAMETOOLONG, () -> descriptors.send(one, sent, 1, 2));
        assertThat(sent.data(1).remaining()).isEqualTo(1);
        assertThat(descriptors.send(one, sent, 2, 1)).isEqualTo(1);
        receive(two, 1);
        assertThat(text(0)).isEqualTo("z");
    }

    @Test
    void targetOfAnotherFamilyIsRejected() throws IOException {
        int inet = bound(INET);
        int inet6 = bound(INET6);
        int unix = bound(UNIX);
        fill(0, "x", inet6);
        assertFails(Errno.EAFNOSUPPORT, () -> descriptors.send(inet, sent, 0, 1));
        fill(0, "x", unix);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> descriptors.send(inet, sent, 0, 1));
    }

    @Test
    void slotsOutOfRangeAreRejected() throws IOException {
        int fd = bound(INET);
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> descriptors.send(fd, sent, 1, 8));
        assertThat(descriptors.send(fd, sent, 8, 0)).isZero();
        assertFails(Errno.EBADF, () -> descriptors.receive(-1, received));
        assertFails(Errno.EBADF, () -> descriptors.send(-1, sent, 0, 1));
    }

    @ParameterizedTest
    @EnumSource
    void segmentedDatagramIsReceivedAsSingleOnes(StandardProtocolFamily family) throws IOException {
        int one = bound(family);
        int two = bound(family);
        fill(0, "aaabbbc", two);
        sent.setSegmentBytes(0, 3);
        fill(1, "ddd", two);
        sent.setSegmentBytes(1, 3);
        assertThat(descriptors.send(one, sent, 0, 2)).isEqualTo(2);
        assertThat(sent.data(0).hasRemaining()).isFalse();
        receive(two, 4);
        assertThat(text(0)).isEqualTo("aaa");
        assertThat(text(1)).isEqualTo("bbb");
        assertThat(text(2)).isEqualTo("c");
        assertThat(text(3)).isEqualTo("ddd");
    }

    @Test
    void segmentedDatagramIsReceivedWholeWithGro() throws IOException {
        assumeThat(linux).isTrue();
        int one = bound(INET);
        int two = bound(INET);
        descriptors.setOption(two, KernelSocketOptions.UDP_GRO, true);
        fill(0, "aaabbbc", two);
        sent.setSegmentBytes(0, 3);
        fill(1, "ddd", two);
        assertThat(descriptors.send(one, sent, 0, 2)).isEqualTo(2);
        receive(two, 2);
        assertThat(text(0)).isEqualTo("aaabbbc");
        assertThat(received.segmentBytes(0)).isEqualTo(3);
        assertThat(text(1)).isEqualTo("ddd");
        assertThat(received.segmentBytes(1)).isZero();
        // An echo keeps the segments.
        assertThat(descriptors.send(two, received, 0, 2)).isEqualTo(2);
        receive(one, 4);
        assertThat(text(1)).isEqualTo("bbb");
        assertThat(text(3)).isEqualTo("ddd");
    }

    @Test
    void tooManySegmentsAreSentInParts() throws IOException {
        int one = bound(INET);
        int two = bound(INET);
        int datagrams = 200; // Linux allows at most 128 segments
        fill(0, "x".repeat(datagrams), two);
        sent.setSegmentBytes(0, 1);
        assertThat(descriptors.send(one, sent, 0, 1)).isEqualTo(1);
        int got = 0;
        int last;
        while ((last = descriptors.receive(two, received)) > 0) {
            assertThat(text(0)).isEqualTo("x");
            got += last;
        }
        assertThat(got).isEqualTo(datagrams);
    }

    @Test
    void singleDatagramsReuseOneAddress() throws IOException {
        for (StandardProtocolFamily family : StandardProtocolFamily.values()) {
            int one = bound(family);
            int two = bound(family);
            DatagramAddress address = new DatagramAddress();
            ByteBuffer target = ByteBuffer.allocate(10);
            assertThat(descriptors.receive(two, target, address)).isEqualTo(Descriptors.NONE);
            address.set(descriptors.localAddress(two));
            assertThat(descriptors.send(one, ByteBuffer.allocate(4), address)).isEqualTo(4);
            assertThat(descriptors.receive(two, target, address)).isEqualTo(4);
            assertThat(address.toSocketAddress()).isEqualTo(descriptors.localAddress(one));
            assertThat(descriptors.send(two, ByteBuffer.allocate(0), address)).isZero();
            assertThat(descriptors.receive(one, target, address)).isZero();
            assertThat(address.toSocketAddress()).isEqualTo(descriptors.localAddress(two));
        }
    }
}
