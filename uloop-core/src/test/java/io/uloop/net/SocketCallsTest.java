package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.EachBackend;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.KernelSocketOptions;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls on sockets that only native backends have. */
class SocketCallsTest extends EachBackend {
    // Of Linux.
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUF = 7;
    private static final int SO_LINGER = 13;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_CONGESTION = 13;
    private static final int TCP_INFO = 11;
    private static final int TCP_INFO_SEGS_OUT = 136;

    private void requireNative() {
        assumeTrue(io instanceof NativeDescriptors, "needs system calls");
    }

    private void assumeLinux() {
        requireNative();
        assumeTrue(System.getProperty("os.name").equals("Linux"), "needs Linux");
    }

    @Test
    void selectRefusesEach() throws IOException {
        assumeTrue(!(io instanceof NativeDescriptors));
        TcpChannel channel = connection()[0];
        UdpChannel udp = closing(UdpChannel.open(loop, anyPort()));
        ByteBuffer bytes = ByteBuffer.allocate(4);
        List<ThrowingRunnable> calls =
                List.of(
                        () -> channel.peek(bytes),
                        () -> udp.peek(bytes),
                        () -> channel.writeMore(bytes),
                        () -> channel.sendUrgent((byte) 1),
                        channel::receiveUrgent,
                        channel::takeError,
                        () -> channel.setOption(1, 2, 3),
                        () -> channel.setOption(1, 2, bytes),
                        () -> channel.getOption(1, 2),
                        () -> channel.getOption(1, 2, bytes),
                        () -> channel.setOption(KernelSocketOptions.TCP_CORK, true),
                        () -> channel.setOption(KernelSocketOptions.SO_OOBINLINE, true));
        for (ThrowingRunnable call : calls) {
            assertThatThrownBy(call::run).isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void optionsAreSetAndReadByNumber() throws IOException {
        assumeLinux();
        TcpChannel channel = connection()[0];
        assertThat(channel.setOption(SOL_SOCKET, SO_SNDBUF, 20_000)).isSameAs(channel);
        assertThat(channel.getOption(SOL_SOCKET, SO_SNDBUF)).isEqualTo(40_000); // Linux doubles
        assertThat(channel.getOption(StandardSocketOptions.SO_SNDBUF)).isEqualTo(20_000);

        ByteBuffer linger = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
        linger.putInt(0, 1).putInt(4, 0);
        channel.setOption(SOL_SOCKET, SO_LINGER, linger);
        assertThat(linger.position()).isZero();
        assertThat(channel.getOption(StandardSocketOptions.SO_LINGER)).isZero();

        channel.setOption(IPPROTO_TCP, TCP_CONGESTION, bytes("reno"));
        ByteBuffer name = ByteBuffer.allocateDirect(16);
        assertThat(channel.getOption(IPPROTO_TCP, TCP_CONGESTION, name)).isEqualTo(16);
        assertThat(text(name)).startsWith("reno\0");

        assertThatThrownBy(() -> channel.setOption(SOL_SOCKET, 9999, 1))
                .isInstanceOf(PollerException.class)
                .hasMessageContaining("setsockopt(level 1, option 9999, fd=")
                .hasMessageContaining("ENOPROTOOPT");
        assertThatThrownBy(() -> channel.getOption(SOL_SOCKET, 9999))
                .hasMessageContaining("ENOPROTOOPT");
    }

    /** A blocking close would stop the loop. Accepted connections inherit the option. */
    @Test
    void blockingLingerIsRejectedByNumber() throws IOException {
        assumeLinux();
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        TcpChannel channel = connection()[0];
        ByteBuffer linger = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
        linger.putInt(0, 1).putInt(4, 3);
        for (LoopSocket socket : List.of(listener, channel)) {
            assertThatThrownBy(() -> socket.setOption(SOL_SOCKET, SO_LINGER, linger))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("closeTimeout");
            assertThat(socket.getOption(StandardSocketOptions.SO_LINGER)).isEqualTo(-1);
        }
        linger.putInt(0, 0);
        channel.setOption(SOL_SOCKET, SO_LINGER, linger); // off, whatever the time
    }

    @Test
    void pendingErrorIsTakenOnce() throws IOException {
        requireNative();
        UdpChannel closed = UdpChannel.open(loop, anyPort());
        SocketAddress refusing = closed.getLocalAddress();
        UdpChannel channel = closing(UdpChannel.open(loop, anyPort()));
        assertThat(channel.takeError()).isNull();
        closed.close();
        channel.connect(refusing);
        channel.write(bytes("x"));
        PollerException[] error = new PollerException[1];
        runUntil(() -> (error[0] = channel.takeError()) != null);
        assertThat(error[0].errno()).isEqualTo(Errno.ECONNREFUSED);
        assertThat(error[0].fd()).isEqualTo(channel.fd());
        assertThat(channel.takeError()).isNull();
        assertThat(channel.read(ByteBuffer.allocate(1))).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void peekedBytesAreReadAgain(boolean direct) throws IOException {
        requireNative();
        TcpChannel[] ends = connection();
        ByteBuffer target = direct ? ByteBuffer.allocateDirect(4) : ByteBuffer.allocate(4);
        assertThat(ends[1].peek(target)).isZero();
        ends[0].write(bytes("hello"));
        runUntil(() -> ends[1].peek(target) == 4);
        assertThat(text(target)).isEqualTo("hell");
        assertThat(ends[1].peek(target)).isZero(); // full
        int activity = io.activity(ends[1].fd());
        assertThat(ends[1].peek(target.clear().position(2))).isEqualTo(2);
        assertThat(text(target)).isEqualTo("hehe");
        assertThat(io.activity(ends[1].fd())).isEqualTo(activity);
        ByteBuffer all = ByteBuffer.allocate(8);
        assertThat(ends[1].read(all)).isEqualTo(5);
        assertThat(text(all)).isEqualTo("hello");
        ends[0].close();
        runUntil(() -> ends[1].peek(target.clear()) == -1);
        assertThat(ends[1].read(all)).isEqualTo(-1);
    }

    @Test
    void peekedDatagramIsReceivedAgain() throws IOException {
        requireNative();
        UdpChannel channel = closing(UdpChannel.open(loop, anyPort()));
        ByteBuffer target = ByteBuffer.allocate(2);
        assertThat(channel.peek(target)).isZero();
        channel.send(bytes("hello"), channel.getLocalAddress());
        runUntil(() -> channel.peek(target) == 2);
        assertThat(text(target)).isEqualTo("he");
        ByteBuffer all = ByteBuffer.allocate(8);
        assertThat(channel.receive(all)).isEqualTo(channel.getLocalAddress());
        assertThat(text(all)).isEqualTo("hello");
        channel.send(bytes(""), channel.getLocalAddress());
        runUntil(() -> channel.peek(all.clear()) == 0 && channel.receive(all.clear()) != null);
    }

    @Test
    void urgentByteIsReportedAndReceivedApart() throws IOException {
        requireNative();
        assumeTrue((provider.supportedEvents() & UEvent.PRI) != 0, "needs PRI");
        TcpChannel[] ends = connection();
        List<Integer> urgent = new ArrayList<>();
        ByteBuffer normal = ByteBuffer.allocate(16);
        assertThat(ends[1].receiveUrgent()).isEqualTo(Descriptors.NONE);
        ends[1].register(
                UEvent.IN | UEvent.PRI,
                (fd, events) -> {
                    if ((events & UEvent.PRI) != 0) {
                        urgent.add(ends[1].receiveUrgent());
                    }
                    ends[1].read(normal);
                });
        ends[0].write(bytes("one"));
        assertThat(ends[0].sendUrgent((byte) 0xf2)).isTrue();
        ends[0].write(bytes("two"));
        runUntil(() -> normal.position() == 6 && !urgent.isEmpty());
        assertThat(text(normal)).isEqualTo("onetwo");
        assertThat(urgent).containsExactly(0xf2);
        assertThat(ends[1].receiveUrgent()).isEqualTo(Descriptors.NONE);
    }

    @Test
    void urgentByteArrivesInlineIfAsked() throws IOException {
        requireNative();
        TcpChannel[] ends = connection();
        ends[1].setOption(KernelSocketOptions.SO_OOBINLINE, true);
        assertThat(ends[1].getOption(KernelSocketOptions.SO_OOBINLINE)).isTrue();
        ends[0].write(bytes("one"));
        ends[0].sendUrgent((byte) '!');
        ends[0].write(bytes("two"));
        ByteBuffer target = ByteBuffer.allocate(16);
        runUntil(
                () -> {
                    ends[1].read(target);
                    return target.position() == 7;
                });
        assertThat(text(target)).isEqualTo("one!two");
        assertThat(ends[1].receiveUrgent()).isEqualTo(Descriptors.NONE);
        UdpChannel udp = closing(UdpChannel.open(loop, anyPort()));
        udp.connect(udp.getLocalAddress());
        assertThatThrownBy(() -> NativeDescriptors.of(provider).sendUrgent(udp.fd(), (byte) 1))
                .hasMessageContaining("EOPNOTSUPP");
    }

    /** Returns how many segments the channel has sent. */
    private static int segments(TcpChannel channel) throws IOException {
        ByteBuffer info = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());
        assumeTrue(channel.getOption(IPPROTO_TCP, TCP_INFO, info) > TCP_INFO_SEGS_OUT);
        return info.getInt(TCP_INFO_SEGS_OUT);
    }

    @Test
    void bytesOfWriteMoreShareASegmentWithTheNextWrite() throws IOException {
        assumeLinux();
        TcpChannel[] ends = connection();
        ends[0].setOption(StandardSocketOptions.TCP_NODELAY, true);
        int before = segments(ends[0]);
        for (int i = 0; i < 5; i++) {
            assertThat(ends[0].writeMore(bytes("head"))).isEqualTo(4);
        }
        assertThat(ends[0].write(bytes("body"))).isEqualTo(4);
        ByteBuffer target = ByteBuffer.allocate(64);
        runUntil(() -> ends[1].read(target) >= 0 && target.position() == 24);
        assertThat(text(target)).isEqualTo("head".repeat(5) + "body");
        assertThat(segments(ends[0]) - before).isLessThan(6);
        assertThat(ends[0].writeMore(bytes(""))).isZero();
        ByteBuffer large = ByteBuffer.allocate(1 << 20);
        assertThat(ends[0].writeMore(large)).isPositive();
    }

    @Test
    void corkHoldsBytesBackUntilItIsRemoved() throws IOException {
        assumeLinux();
        TcpChannel[] ends = connection();
        ends[0].setOption(KernelSocketOptions.TCP_CORK, true);
        assertThat(ends[0].getOption(KernelSocketOptions.TCP_CORK)).isTrue();
        int before = segments(ends[0]);
        for (int i = 0; i < 20; i++) {
            ends[0].write(bytes("x"));
        }
        ends[0].setOption(KernelSocketOptions.TCP_CORK, false);
        ByteBuffer target = ByteBuffer.allocate(64);
        runUntil(() -> ends[1].read(target) >= 0 && target.position() == 20);
        assertThat(segments(ends[0]) - before).isLessThan(20);
    }
}
