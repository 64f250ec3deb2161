package io.uloop.poller.posix.socket;

import static io.uloop.poller.posix.Failures.assertFails;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramBatch;
import io.uloop.poller.DatagramInfo;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.posix.DescriptorsTest;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.tck.Ends;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import jnr.constants.platform.Fcntl;
import jnr.constants.platform.SocketControlMessage;
import jnr.constants.platform.SocketLevel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DescriptorPassingTest extends DescriptorsTest {
    private static final int F_GETFD = Fcntl.F_GETFD.intValue();

    @TempDir private Path directory;

    DescriptorPassingTest(boolean linux) {
        super(linux);
    }

    private static ByteBuffer bytes(IntFunction<ByteBuffer> kind, String text) {
        return kind.apply(text.length() + 1)
                .position(1)
                .put(text.getBytes(US_ASCII))
                .flip()
                .position(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void descriptorArrivesWithItsBytes(boolean direct) throws IOException {
        IntFunction<ByteBuffer> kind = direct ? ByteBuffer::allocateDirect : ByteBuffer::allocate;
        int[] ends = track(Ends.of(descriptors.socketPair()));
        int[] pipe = track(Ends.of(descriptors.pipe()));
        ByteBuffer source = bytes(kind, "hello");
        assertThat(descriptors.sendDescriptors(ends[0], source, pipe[0])).isEqualTo(5);
        assertThat(source.hasRemaining()).isFalse();
        ByteBuffer target = kind.apply(10).position(2);
        int[] received = new int[3];
        assertThat(descriptors.receiveDescriptors(ends[1], target, received)).isEqualTo(5);
        assertThat(US_ASCII.decode(target.flip().position(2)).toString()).isEqualTo("hello");
        track(received[0]);
        assertThat(received[0]).isNotEqualTo(pipe[0]);
        assertThat(received[1]).isEqualTo(Descriptors.NONE);
        assertThat(received[2]).isEqualTo(Descriptors.NONE);
        assertThat(Libc.CALLS.fcntl(received[0], F_GETFD, 0)).isEqualTo(1); // FD_CLOEXEC
        write(pipe[1], "x");
        assertThat(read(received[0], 1)).isEqualTo("x");
    }

    @Test
    void manyDescriptorsKeepTheirOrder() throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        int[] sent = new int[253];
        int[] pipe = track(Ends.of(descriptors.pipe()));
        Arrays.fill(sent, pipe[0]);
        sent[1] = pipe[1];
        ByteBuffer large = ByteBuffer.allocate(10);
        assertThat(descriptors.sendDescriptors(ends[0], large, sent)).isEqualTo(10);
        int[] received = new int[253];
        assertThat(descriptors.receiveDescriptors(ends[1], large.clear(), received)).isEqualTo(10);
        track(received);
        write(received[1], "x");
        assertThat(read(received[252], 1)).isEqualTo("x");
    }

    @Test
    void plainBytesAndEndOfStreamAreReceived() throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        ByteBuffer target = ByteBuffer.allocate(10);
        int[] received = new int[1];
        assertThat(descriptors.receiveDescriptors(ends[1], target, received)).isZero();
        write(ends[0], "ab");
        assertThat(descriptors.receiveDescriptors(ends[1], target, received)).isEqualTo(2);
        assertThat(received).containsExactly(Descriptors.NONE);
        assertThat(descriptors.activity(ends[1])).isEqualTo(1);
        close(ends[0]);
        assertThat(descriptors.receiveDescriptors(ends[1], target, received)).isEqualTo(-1);
        assertThat(descriptors.activity(ends[1])).isEqualTo(1);
        assertFails(
                Errno.EPIPE,
                () -> descriptors.sendDescriptors(ends[1], ByteBuffer.allocate(1), ends[1]));
    }

    @Test
    void descriptorsBeyondTheArrayAreAllClosed() throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        int[] received = {7};
        ByteBuffer target = ByteBuffer.allocate(10);
        for (int count = 2; count < 6; count++) {
            int[] sent = new int[count];
            Arrays.fill(sent, ends[0]);
            descriptors.sendDescriptors(ends[0], ByteBuffer.allocate(1), sent);
            assertFails(
                    Errno.EMSGSIZE,
                    () -> descriptors.receiveDescriptors(ends[1], target, received));
            assertThat(received).containsExactly(Descriptors.NONE);
            assertThat(target.position()).isEqualTo(count - 1); // the byte was read
        }
        write(ends[0], "x"); // and the stream stays in order
        assertThat(read(ends[1], 1)).isEqualTo("x");
    }

    @Test
    void wouldBlockPassesNothing() throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        ByteBuffer full = ByteBuffer.allocate(60_000);
        while (descriptors.write(ends[0], full.clear()) > 0) {
            full.clear();
        }
        assertThat(descriptors.sendDescriptors(ends[0], full.clear(), ends[0])).isZero();
        assertThat(full.position()).isZero();
    }

    @Test
    void datagramsCarryDescriptors() throws IOException {
        int one = track(descriptors.openDatagram(StandardProtocolFamily.UNIX));
        int two = track(descriptors.openDatagram(StandardProtocolFamily.UNIX));
        descriptors.bind(two, UnixDomainSocketAddress.of(directory.resolve("two")));
        ByteBuffer bytes = ByteBuffer.allocate(3);
        assertFails(Errno.ENOTCONN, () -> descriptors.sendDescriptors(one, bytes, one));
        descriptors.connect(one, descriptors.localAddress(two));
        assertThat(descriptors.sendDescriptors(one, bytes, one)).isEqualTo(3);
        int[] received = new int[1];
        assertThat(descriptors.receiveDescriptors(two, bytes.clear(), received)).isEqualTo(3);
        assertThat(descriptors.remoteAddress(track(received[0])))
                .isEqualTo(descriptors.localAddress(two));
    }

    @Test
    void descriptorsOfAnEmptyDatagramAreReceived() throws IOException {
        int one = track(descriptors.openDatagram(StandardProtocolFamily.UNIX));
        int two = track(descriptors.openDatagram(StandardProtocolFamily.UNIX));
        descriptors.bind(two, UnixDomainSocketAddress.of(directory.resolve("two")));
        descriptors.connect(one, descriptors.localAddress(two));
        sendWithoutBytes(one, one);
        int[] received = new int[1];
        ByteBuffer target = ByteBuffer.allocate(3);
        assertThat(descriptors.receiveDescriptors(two, target, received)).isZero();
        assertThat(descriptors.remoteAddress(track(received[0])))
                .isEqualTo(descriptors.localAddress(two));
    }

    interface Receiver {
        int receive(int fd) throws IOException;
    }

    @Test
    void otherWaysToReceiveCloseTheDescriptors() throws IOException {
        DatagramBatch batch = new DatagramBatch(2, 8);
        ByteBuffer direct = ByteBuffer.allocateDirect(8);
        ByteBuffer heap = ByteBuffer.allocate(8);
        List<Receiver> receivers =
                List.of(
                        fd -> descriptors.read(fd, heap.clear()),
                        fd -> descriptors.receive(fd, heap.clear(), new DatagramAddress()),
                        fd -> descriptors.receive(fd, heap.clear(), new DatagramInfo()),
                        fd -> descriptors.receive(fd, direct.clear(), new DatagramInfo()),
                        fd -> descriptors.receive(fd, batch));
        for (Receiver receiver : receivers) {
            for (int count : new int[] {1, 3, 253}) {
                int[] ends = track(Ends.of(descriptors.datagramPair()));
                int[] pipe = track(Ends.of(descriptors.pipe()));
                int[] sent = new int[count];
                Arrays.fill(sent, pipe[1]);
                descriptors.sendDescriptors(ends[0], ByteBuffer.allocate(1), sent);
                close(pipe[1]);
                assertThat(receiver.receive(ends[1])).isEqualTo(1);
                assertThat(descriptors.read(pipe[0], heap.clear())).isEqualTo(-1); // all closed
            }
        }
    }

    /** Sends a datagram as another program might. */
    private static void sendWithoutBytes(int fd, int passed) {
        MessageLayout layout = MessageLayout.NATIVE;
        Memory memory = Memory.allocate(128);
        try {
            int control = 64;
            long address = memory.address();
            layout.putHeader(memory.view(), 0, 0, 0, 0, address + control);
            layout.putControl(
                    memory.view(),
                    control,
                    SocketLevel.SOL_SOCKET.intValue(),
                    SocketControlMessage.SCM_RIGHTS.intValue(),
                    Integer.BYTES);
            memory.view().putInt(layout.controlData(control), passed);
            layout.setControlLength(memory.view(), 0, layout.controlSpace(Integer.BYTES));
            assertThat(Libc.CALLS.sendmsg(fd, address, 0)).isZero();
        } finally {
            memory.free();
        }
    }

    @Test
    void badArgumentsAreRejected() throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        int tcp = track(descriptors.openStream(StandardProtocolFamily.INET));
        int[] pipe = track(Ends.of(descriptors.pipe()));
        ByteBuffer one = ByteBuffer.allocate(1);
        ByteBuffer none = ByteBuffer.allocate(0);
        assertFails(Errno.EBADF, () -> descriptors.sendDescriptors(ends[0], one, 19_999));
        assertFails(Errno.EBADF, () -> descriptors.sendDescriptors(-1, one, ends[0]));
        assertFails(Errno.EBADF, () -> descriptors.receiveDescriptors(-1, one, new int[1]));
        assertFails(Errno.EOPNOTSUPP, () -> descriptors.sendDescriptors(tcp, one, ends[0]));
        assertFails(Errno.ENOTSOCK, () -> descriptors.sendDescriptors(pipe[1], one, ends[0]));
        assertFails(Errno.ENOTSOCK, () -> descriptors.receiveDescriptors(pipe[0], one, new int[1]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> descriptors.sendDescriptors(ends[0], none, ends[0]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> descriptors.sendDescriptors(ends[0], one));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> descriptors.sendDescriptors(ends[0], one, new int[254]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> descriptors.receiveDescriptors(ends[0], one, new int[0]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> descriptors.receiveDescriptors(ends[0], none, new int[1]));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                descriptors.receiveDescriptors(
                                        ends[0], one.asReadOnlyBuffer(), new int[1]));
        assertThat(one.position()).isZero();
    }
}
