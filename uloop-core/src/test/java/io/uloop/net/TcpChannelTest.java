package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.EachBackend;
import io.uloop.LoopThread;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TcpChannelTest extends EachBackend {
    /** A blocking close would stop the loop. Accepted connections inherit the option. */
    @Test
    void blockingLingerIsRejected() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        TcpChannel channel = connection()[0];
        for (LoopSocket socket : List.of(listener, channel)) {
            assertThatThrownBy(() -> socket.setOption(StandardSocketOptions.SO_LINGER, 3))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("closeTimeout");
        }
        assertThatThrownBy(() -> io.setOption(channel.fd(), StandardSocketOptions.SO_LINGER, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(channel.getOption(StandardSocketOptions.SO_LINGER)).isEqualTo(-1);
        channel.setOption(StandardSocketOptions.SO_LINGER, -1);
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    }

    @TempDir private Path directory;

    private static final int MANY_BYTES = 8 << 20;

    /** Sends a counting pattern, each time as much as the kernel takes. */
    private static final class Sender {
        private final TcpChannel channel;
        private final ByteBuffer source = ByteBuffer.allocateDirect(MANY_BYTES);
        private int partialWrites;

        Sender(TcpChannel channel) {
            this.channel = channel;
            while (source.hasRemaining()) {
                source.put((byte) (source.position() % 251));
            }
            source.flip();
        }

        void write(int fd, int events) throws IOException {
            channel.write(source);
            if (source.hasRemaining()) {
                partialWrites++;
                return;
            }
            channel.shutdownOutput();
            channel.modify(UEvent.NONE);
        }
    }

    /** Checks the pattern to its end. */
    private static final class Receiver {
        private final TcpChannel channel;
        private final ByteBuffer target = ByteBuffer.allocate(64 << 10);
        private int received;
        private int wrong;
        private boolean ended;

        Receiver(TcpChannel channel) {
            this.channel = channel;
        }

        void read(int fd, int events) throws IOException {
            target.clear();
            ended = channel.read(target) < 0;
            for (target.flip(); target.hasRemaining(); received++) {
                if (target.get() != (byte) (received % 251)) {
                    wrong++;
                }
            }
            if (ended) {
                channel.unregister();
            }
        }
    }

    @Test
    void partialWritesArriveInOrderBeforeTheEnd() throws IOException {
        TcpChannel[] ends = connection();
        TcpChannel client = ends[0];
        TcpChannel server = ends[1];
        Sender sender = new Sender(client);
        Receiver receiver = new Receiver(server);
        client.register(UEvent.OUT, sender::write);
        runUntil(() -> sender.partialWrites > 0);
        server.register(UEvent.IN, receiver::read);
        runUntil(() -> receiver.ended);
        assertThat(receiver.received).isEqualTo(MANY_BYTES);
        assertThat(receiver.wrong).isZero();
    }

    @Test
    void writeToFullConnectionReturnsZero() throws IOException {
        TcpChannel[] ends = connection();
        TcpChannel client = ends[0];
        TcpChannel server = ends[1];
        assertThat(server.read(ByteBuffer.allocate(8))).isZero();
        ByteBuffer source = ByteBuffer.allocateDirect(1 << 20);
        runUntil(() -> client.write(source.clear()) == 0);
        assertThat(client.isOpen()).isTrue();
    }

    @Test
    void gatheringAndScatteringMoveBytesInOrder() throws IOException {
        TcpChannel[] ends = connection();
        TcpChannel client = ends[0];
        TcpChannel server = ends[1];
        ByteBuffer[] sources = {bytes("skipped"), bytes("ab"), bytes("cde"), bytes("no")};
        assertThat(client.write(sources, 1, 2)).isEqualTo(5);
        assertThat(client.write(new ByteBuffer[] {bytes("f"), bytes("g")})).isEqualTo(2);
        ByteBuffer[] targets = {ByteBuffer.allocate(3), ByteBuffer.allocate(9)};
        int[] read = new int[1];
        server.register(UEvent.IN, (fd, events) -> read[0] += (int) server.read(targets));
        runUntil(() -> read[0] == 7);
        assertThat(text(targets[0]) + "|" + text(targets[1])).isEqualTo("abc|defg");
        assertThatThrownBy(() -> server.read(targets, 1, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> client.write(sources, -1, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void connectIsReportedByOut() throws IOException {
        try (TcpListener listener = TcpListener.open(loop, anyPort());
                TcpChannel client = TcpChannel.connect(loop, listener.getLocalAddress())) {
            boolean[] connected = new boolean[1];
            client.register(
                    UEvent.OUT,
                    (fd, events) -> {
                        assertThat(fd).isEqualTo(client.fd());
                        connected[0] = client.finishConnect();
                        client.unregister();
                    });
            runUntil(() -> connected[0]);
            assertThat(client.getRemoteAddress()).isEqualTo(listener.getLocalAddress());
            TcpChannel server = accept(listener);
            assertThat(server.getRemoteAddress()).isEqualTo(client.getLocalAddress());
            assertThat(server.loop()).isSameAs(loop);
        }
    }

    @Test
    void finishConnectReportsRefusal() throws IOException {
        SocketAddress nobody = refusing();
        assertThatThrownBy(
                        () -> {
                            try (TcpChannel client = TcpChannel.connect(loop, nobody)) {
                                runUntil(() -> finish(client));
                            }
                        })
                .hasMessageContaining("ECONNREFUSED");
    }

    private static boolean finish(TcpChannel client) {
        try {
            return client.finishConnect();
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    @Test
    void closeDeregistersAndEndsTheStream() throws IOException {
        TcpChannel[] ends = connection();
        TcpChannel client = ends[0];
        TcpChannel server = ends[1];
        int number = client.fd();
        int[] reads = new int[1];
        client.register(UEvent.IN | UEvent.OUT, (fd, events) -> client.close());
        server.register(
                UEvent.IN,
                (fd, events) -> {
                    reads[0] = server.read(ByteBuffer.allocate(8));
                    server.close();
                });
        runUntil(() -> reads[0] != 0);
        assertThat(reads[0]).isEqualTo(-1);
        assertThat(loop.toString()).contains("descriptors=0");
        client.close();
        assertThat(client).hasToString("TcpChannel[fd=" + number + ", closed]");
        assertThat(client.fd()).isEqualTo(Descriptors.NONE);
    }

    @Test
    void halfClosedConnectionCarriesTheOtherDirection() throws IOException {
        TcpChannel[] ends = connection();
        TcpChannel client = ends[0];
        TcpChannel server = ends[1];
        client.shutdownOutput();
        ByteBuffer target = ByteBuffer.allocate(8);
        runUntil(() -> server.read(target) == -1);
        server.write(bytes("bye"));
        runUntil(() -> client.read(target) > 0);
        assertThat(text(target)).isEqualTo("bye");
        client.shutdownInput();
        assertThat(client.read(target)).isEqualTo(-1);
    }

    @Test
    void closedChannelThrows() throws IOException {
        TcpChannel[] ends = connection();
        TcpChannel client = ends[0];
        TcpChannel server = ends[1];
        server.close();
        assertThat(server.isOpen()).isFalse();
        assertThatThrownBy(() -> server.read(ByteBuffer.allocate(8)))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> server.write(bytes("x")))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> server.register(UEvent.IN, (fd, events) -> {}))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> server.modify(UEvent.IN))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(server::getLocalAddress).isInstanceOf(ClosedChannelException.class);
        server.unregister();
        assertThat(client.isOpen()).isTrue();
    }

    @Test
    void optionsAreKept() throws IOException {
        TcpChannel[] ends = connection();
        TcpChannel client = ends[0];
        TcpChannel server = ends[1];
        assertThat(client.getOption(StandardSocketOptions.TCP_NODELAY)).isFalse();
        client.setOption(StandardSocketOptions.TCP_NODELAY, true);
        assertThat(client.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
        assertThat(server.getOption(StandardSocketOptions.TCP_NODELAY)).isFalse();
    }

    @Test
    void registeredChannelIsClosedOnLoopThreadOnly() throws IOException {
        TcpChannel[] ends = connection();
        TcpChannel client = ends[0];
        TcpChannel server = ends[1];
        client.register(UEvent.IN, (fd, events) -> {});
        CountDownLatch closed = new CountDownLatch(1);
        try (LoopThread thread = new LoopThread(loop)) {
            assertThatThrownBy(client::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("execute");
            assertThat(client.isOpen()).isTrue();
            server.close(); // unregistered, so any thread may close it
            loop.execute(
                    () -> {
                        unchecked(
                                () -> {
                                    client.close();
                                    return true;
                                });
                        closed.countDown();
                        loop.stop();
                    });
            thread.join();
        }
        assertThat(closed.getCount()).isZero();
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void channelOfClosedLoopCanBeClosed() throws IOException {
        TcpChannel[] ends = connection();
        TcpChannel client = ends[0];
        TcpChannel server = ends[1];
        client.register(UEvent.IN, (fd, events) -> {});
        loop.close();
        assertThat(server.write(bytes("x"))).isEqualTo(1);
        client.close();
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void channelRemovedByFdCanBeClosed() throws IOException {
        TcpChannel[] ends = connection();
        TcpChannel client = ends[0];
        TcpChannel server = ends[1];
        client.register(UEvent.IN, (fd, events) -> {});
        loop.remove(client.fd());
        client.close();
        assertThat(client.isOpen()).isFalse();
        assertThat(server.isOpen()).isTrue();
    }

    @Test
    void wrongAddressTypesAreRejectedWithoutLeak() {
        assertThatThrownBy(() -> TcpChannel.connect(loop, UnixDomainSocketAddress.of("/nowhere")))
                .isInstanceOf(UnsupportedAddressTypeException.class);
        assertThatThrownBy(
                        () ->
                                TcpChannel.connect(
                                        loop, InetSocketAddress.createUnresolved("nowhere", 1)))
                .isInstanceOf(UnresolvedAddressException.class);
    }

    @Test
    void transferSendsFile(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "skipped, sent, left");
        TcpChannel[] ends = connection();
        ByteBuffer target = ByteBuffer.allocate(64);
        try (FileChannel source = FileChannel.open(file)) {
            assertThat(ends[0].transfer(source, 9, 4)).isEqualTo(4);
            assertThat(ends[0].transfer(source, 19, 4)).isEqualTo(-1);
        }
        runUntil(() -> ends[1].read(target) > 0);
        assertThat(text(target)).isEqualTo("sent");
    }

    @Test
    void connectingChannelHasLocalAddress() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        TcpChannel client = closing(TcpChannel.connect(loop, listener.getLocalAddress()));
        runUntil(() -> client.getLocalAddress() != null);
        SocketAddress local = client.getLocalAddress();
        TcpChannel[] server = new TcpChannel[1];
        runUntil(() -> (server[0] = listener.accept()) != null);
        assertThat(closing(server[0]).getRemoteAddress()).isEqualTo(local);
        boolean[] connected = new boolean[1];
        client.register(UEvent.OUT, (fd, events) -> connected[0] = client.finishConnect());
        runUntil(() -> connected[0]);
        assertThat(client.getLocalAddress()).isEqualTo(local);
    }

    @Test
    void getLocalAddressKeepsConnectFailure() throws IOException {
        TcpChannel deaf = closing(TcpChannel.open(loop, loopbackFamily()));
        SocketAddress nobody = deaf.bind(anyPort()).getLocalAddress();
        TcpChannel client = closing(TcpChannel.open(loop, loopbackFamily()));
        assertThatThrownBy(
                        () -> {
                            client.connect(nobody);
                            client.getLocalAddress();
                            runUntil(client::finishConnect);
                        })
                .hasMessageContaining("ECONNREFUSED");
    }

    @Test
    void transferPastEndOfFileReturnsMinusOne() throws IOException {
        TcpChannel[] ends = connection();
        Path path = Files.writeString(directory.resolve("file"), "0123456789");
        try (FileChannel source = FileChannel.open(path)) {
            for (long back : new long[] {0, 1, 5, 0x7ffff000L}) {
                for (long count : new long[] {1, 100, Integer.MAX_VALUE, Long.MAX_VALUE}) {
                    assertThat(ends[0].transfer(source, Long.MAX_VALUE - back, count))
                            .as("%s bytes, %s before the last", count, back)
                            .isEqualTo(-1);
                }
            }
            assertThat(ends[0].transfer(source, 4, Long.MAX_VALUE)).isEqualTo(6);
        }
        try (FileChannel source = FileChannel.open(directory)) {
            assertThatThrownBy(() -> ends[0].transfer(source, 0, 1))
                    .isInstanceOfSatisfying(
                            PollerException.class,
                            e -> assertThat(e.errno()).isIn(Errno.EIO, Errno.EISDIR));
        }
    }
}
