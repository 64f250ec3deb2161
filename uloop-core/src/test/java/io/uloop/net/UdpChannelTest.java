package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.EachBackend;
import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramBatch;
import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class UdpChannelTest extends EachBackend {
    private final List<String> received = new ArrayList<>();
    private final List<SocketAddress> senders = new ArrayList<>();

    private void receiveAll(UdpChannel channel) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(64);
        for (SocketAddress sender = channel.receive(target);
                sender != null;
                sender = channel.receive(target.clear())) {
            received.add(text(target));
            senders.add(sender);
        }
    }

    @Test
    void datagramArrivesWithItsSenderAndIsAnswered() throws IOException {
        try (UdpChannel server = UdpChannel.open(loop, anyPort());
                UdpChannel client = UdpChannel.open(loop, anyPort())) {
            server.register(
                    UEvent.IN,
                    (fd, events) -> {
                        receiveAll(server);
                        server.send(bytes("answer"), senders.get(0));
                    });
            List<String> answers = new ArrayList<>();
            ByteBuffer target = ByteBuffer.allocate(64);
            client.register(
                    UEvent.IN,
                    (fd, events) -> {
                        assertThat(client.receive(target)).isEqualTo(server.getLocalAddress());
                        answers.add(text(target));
                    });
            assertThat(client.send(bytes("question"), server.getLocalAddress())).isEqualTo(8);
            runUntil(() -> !answers.isEmpty());
            assertThat(received).containsExactly("question");
            assertThat(senders).containsExactly(client.getLocalAddress());
            assertThat(answers).containsExactly("answer");
        }
    }

    @Test
    void emptyDatagramArrives() throws IOException {
        try (UdpChannel server = UdpChannel.open(loop, anyPort());
                UdpChannel client = UdpChannel.open(loop, loopbackFamily())) {
            server.register(UEvent.IN, (fd, events) -> receiveAll(server));
            assertThat(client.send(ByteBuffer.allocate(0), server.getLocalAddress())).isZero();
            runUntil(() -> !received.isEmpty());
            assertThat(received).containsExactly("");
        }
    }

    @Test
    void receiveReturnsNullWhenNoneIsWaiting() throws IOException {
        try (UdpChannel channel = UdpChannel.open(loop, anyPort())) {
            ByteBuffer target = ByteBuffer.allocate(8);
            assertThat(channel.receive(target)).isNull();
            assertThat(target.position()).isZero();
        }
    }

    @Test
    void interestCanBeModifiedAndRemoved() throws IOException {
        try (UdpChannel channel = UdpChannel.open(loop, anyPort())) {
            int[] calls = new int[1];
            channel.register(UEvent.OUT, (fd, events) -> calls[0]++);
            assertThat(loop.runOnce(-1)).isEqualTo(1);
            channel.modify(UEvent.IN);
            assertThat(loop.runOnce(0)).isZero();
            channel.unregister();
            channel.unregister();
            assertThat(loop.toString()).contains("descriptors=0");
            assertThat(calls[0]).isEqualTo(1);
        }
    }

    @Test
    void addressInUseFailsWithoutLeak() throws IOException {
        try (UdpChannel channel = UdpChannel.open(loop, anyPort())) {
            assertThatThrownBy(() -> UdpChannel.open(loop, channel.getLocalAddress()))
                    .hasMessageContaining("EADDRINUSE");
        }
    }

    @Test
    void closedChannelThrows() throws IOException {
        UdpChannel channel = closing(UdpChannel.open(loop, anyPort()));
        channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
        assertThat(channel.getOption(StandardSocketOptions.SO_BROADCAST)).isTrue();
        assertThat(channel.loop()).isSameAs(loop);
        int number = channel.fd();
        channel.register(UEvent.IN, (fd, events) -> {});
        channel.close();
        channel.close();
        assertThat(channel.isOpen()).isFalse();
        assertThat(loop.toString()).contains("descriptors=0");
        assertThatThrownBy(() -> channel.receive(ByteBuffer.allocate(8)))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> channel.send(bytes("x"), anyPort()))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> channel.read(bytes("x")))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> channel.write(bytes("x")))
                .isInstanceOf(ClosedChannelException.class);
        assertThat(channel).hasToString("UdpChannel[fd=" + number + ", closed]");
        assertThat(channel.fd()).isEqualTo(Descriptors.NONE);
    }

    @Test
    void disconnectKeepsThePortAndReceivesFromAnySender() throws IOException {
        try (UdpChannel channel = UdpChannel.open(loop, loopbackFamily());
                UdpChannel peer = UdpChannel.open(loop, anyPort());
                UdpChannel stranger = UdpChannel.open(loop, anyPort())) {
            channel.disconnect();
            assertThat(channel.getLocalAddress()).isNull();
            channel.connect(peer.getLocalAddress());
            InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
            channel.disconnect();
            channel.disconnect();
            assertThat(channel.getRemoteAddress()).isNull();
            assertThatThrownBy(() -> channel.write(bytes("x")))
                    .isInstanceOf(NotYetConnectedException.class);
            assertThat(((InetSocketAddress) channel.getLocalAddress()).getPort())
                    .isEqualTo(local.getPort());
            stranger.send(bytes("stranger"), local);
            ByteBuffer target = ByteBuffer.allocate(16);
            runUntil(() -> channel.receive(target) != null);
            assertThat(text(target)).isEqualTo("stranger");
            channel.connect(stranger.getLocalAddress());
            assertThat(channel.write(bytes("x"))).isEqualTo(1);
        }
    }

    @Test
    void disconnectKeepsABoundAddress() throws IOException {
        try (UdpChannel channel = UdpChannel.open(loop, anyPort());
                UdpChannel peer = UdpChannel.open(loop, anyPort())) {
            SocketAddress local = channel.getLocalAddress();
            channel.connect(peer.getLocalAddress());
            channel.disconnect();
            assertThat(channel.getLocalAddress()).isEqualTo(local);
        }
    }

    @Test
    void batchIsReceivedAndSentBack() throws IOException {
        try (UdpChannel server = UdpChannel.open(loop, anyPort());
                UdpChannel client = UdpChannel.open(loop, anyPort())) {
            DatagramBatch batch = new DatagramBatch(16, 64);
            server.register(
                    UEvent.IN,
                    (fd, events) -> {
                        int count = server.receive(batch);
                        assertThat(server.send(batch, 0, count)).isEqualTo(count);
                    });
            client.register(UEvent.IN, (fd, events) -> receiveAll(client));
            for (int i = 0; i < 10; i++) {
                client.send(bytes("question " + i), server.getLocalAddress());
            }
            runUntil(() -> received.size() == 10);
            assertThat(received).contains("question 0", "question 9").doesNotHaveDuplicates();
            assertThat(senders).containsOnly(server.getLocalAddress());
            assertThat(server.receive(batch)).isZero();
        }
    }

    @Test
    void senderIsAnsweredWithoutAllocation() throws IOException {
        try (UdpChannel server = UdpChannel.open(loop, anyPort());
                UdpChannel client = UdpChannel.open(loop, anyPort())) {
            DatagramAddress sender = new DatagramAddress();
            ByteBuffer target = ByteBuffer.allocateDirect(64);
            assertThat(server.receive(target, sender)).isEqualTo(Descriptors.NONE);
            client.send(bytes("question"), new DatagramAddress(server.getLocalAddress()));
            runUntil(() -> server.receive(target, sender) == 8);
            server.send(target.flip(), sender);
            client.register(UEvent.IN, (fd, events) -> receiveAll(client));
            runUntil(() -> !received.isEmpty());
            assertThat(received).containsExactly("question");
        }
    }

    @Test
    void connectedReadOrWriteIsOneDatagram() throws IOException {
        try (UdpChannel one = UdpChannel.open(loop, anyPort());
                UdpChannel other = UdpChannel.open(loop, anyPort())) {
            ByteBuffer target = ByteBuffer.allocate(8);
            assertThatThrownBy(() -> one.read(target)).isInstanceOf(NotYetConnectedException.class);
            assertThatThrownBy(() -> one.read(new ByteBuffer[] {target}))
                    .isInstanceOf(NotYetConnectedException.class);
            assertThatThrownBy(() -> one.write(bytes("x")))
                    .isInstanceOf(NotYetConnectedException.class);
            assertThatThrownBy(() -> one.write(new ByteBuffer[] {bytes("x")}))
                    .isInstanceOf(NotYetConnectedException.class);
            one.connect(other.getLocalAddress());
            other.connect(one.getLocalAddress());
            assertThat(other.read(target)).isZero();
            assertThat(one.write(bytes("first"))).isEqualTo(5);
            ByteBuffer direct = ByteBuffer.allocateDirect(3).put(bytes("ond")).flip();
            assertThat(one.write(new ByteBuffer[] {bytes("no"), bytes("sec"), direct}, 1, 2))
                    .isEqualTo(6);
            boolean sendsEmpty = !provider.name().equals("select");
            assertThat(one.write(bytes(""))).isZero();
            assertThat(one.write(bytes("too long for it"))).isEqualTo(15);
            runUntil(() -> other.read(target) > 0);
            assertThat(text(target)).isEqualTo("first");
            ByteBuffer[] parts = {ByteBuffer.allocateDirect(2), ByteBuffer.allocate(8)};
            runUntil(() -> other.read(parts) > 0);
            assertThat(text(parts[0]) + '|' + text(parts[1])).isEqualTo("se|cond");
            DatagramAddress sender = new DatagramAddress();
            if (sendsEmpty) {
                runUntil(() -> other.receive(target, sender) == 0);
            }
            runUntil(() -> other.read(target.clear()) > 0);
            assertThat(text(target)).isEqualTo("too long");
            assertThat(other.read(target.clear())).isZero();
            assertThatThrownBy(() -> one.write(ByteBuffer.allocate(70_000)))
                    .hasMessageContaining("EMSGSIZE");
            ByteBuffer half = ByteBuffer.allocate(40_000);
            ByteBuffer[] halves = {half, half.duplicate()};
            assertThatThrownBy(() -> one.write(halves)).hasMessageContaining("EMSGSIZE");
        }
    }

    @Test
    void datagramIsScatteredIntoTheSameBufferTwice() throws IOException {
        try (UdpChannel one = UdpChannel.open(loop, anyPort());
                UdpChannel other = UdpChannel.open(loop, anyPort())) {
            one.connect(other.getLocalAddress());
            other.connect(one.getLocalAddress());
            for (int length : new int[] {2, 2000}) { // NIO takes 1024 at a time
                ByteBuffer twice = ByteBuffer.allocate(4);
                ByteBuffer[] targets = new ByteBuffer[length];
                Arrays.fill(targets, ByteBuffer.allocate(0));
                targets[0] = twice;
                targets[length - 1] = twice;
                one.write(bytes("abcdef"));
                runUntil(() -> other.read(targets) == 6);
                assertThat(text(twice)).isEqualTo("ef");
                assertThat(twice.get(2)).isEqualTo((byte) 'c');
            }
        }
    }

    @Test
    void readOnlyBufferIsSentButRejectedByReceive() throws IOException {
        try (UdpChannel channel = UdpChannel.open(loop, anyPort())) {
            ByteBuffer source = bytes("kept").asReadOnlyBuffer();
            assertThat(channel.send(source, channel.getLocalAddress())).isEqualTo(4);
            assertThat(source.hasRemaining()).isFalse();
            ByteBuffer readOnly = ByteBuffer.allocate(8).asReadOnlyBuffer();
            assertThatThrownBy(() -> channel.receive(readOnly))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> channel.receive(readOnly, new DatagramAddress()))
                    .isInstanceOf(IllegalArgumentException.class);
            ByteBuffer target = ByteBuffer.allocateDirect(8).position(2);
            runUntil(() -> channel.receive(target) != null);
            assertThat(target.position()).isEqualTo(6);
        }
    }

    @Test
    void connectedChannelReceivesOnlyFromItsPeer() throws IOException {
        try (UdpChannel server = UdpChannel.open(loop, anyPort());
                UdpChannel other = UdpChannel.open(loop, anyPort());
                UdpChannel client = UdpChannel.open(loop, anyPort())) {
            assertThat(client.getRemoteAddress()).isNull();
            client.connect(server.getLocalAddress());
            assertThat(client.getRemoteAddress()).isEqualTo(server.getLocalAddress());
            other.send(bytes("other"), client.getLocalAddress());
            server.send(bytes("peer"), client.getLocalAddress());
            client.register(UEvent.IN, (fd, events) -> receiveAll(client));
            runUntil(() -> !received.isEmpty());
            assertThat(received).containsExactly("peer");
            client.send(bytes("answer"), new DatagramAddress());
            ByteBuffer target = ByteBuffer.allocate(64);
            runUntil(() -> server.receive(target) != null);
            assertThat(text(target)).isEqualTo("answer");
            assertThatThrownBy(() -> client.connect(UnixDomainSocketAddress.of("/nowhere")))
                    .isInstanceOf(UnsupportedAddressTypeException.class);
        }
    }

    /** Reads until the datagram after the empty one has arrived. */
    private void assertEmptyDatagramIsRead(UdpChannel channel, ByteBuffer target, boolean scattered)
            throws IOException {
        ByteBuffer[] targets = {target};
        int before = io.activity(channel.fd());
        long moved = 0;
        for (long end = System.nanoTime() + DEADLINE.toNanos();
                moved == 0 && System.nanoTime() - end < 0; ) {
            moved = scattered ? channel.read(targets) : channel.read(target);
        }
        assertThat(moved).isEqualTo(4);
        assertThat(text(target)).isEqualTo("next");
        assertThat(io.activity(channel.fd()) - before).isEqualTo(2);
        target.clear();
    }

    @Test
    void readOfEmptyDatagramIsNotEndOfStream() throws IOException {
        try (UdpChannel peer = UdpChannel.open(loop, anyPort());
                UdpChannel channel = UdpChannel.open(loop, anyPort())) {
            channel.connect(peer.getLocalAddress());
            for (ByteBuffer target :
                    List.of(ByteBuffer.allocate(8), ByteBuffer.allocateDirect(8))) {
                for (boolean scattered : new boolean[] {false, true}) {
                    peer.send(bytes(""), channel.getLocalAddress());
                    peer.send(bytes("next"), channel.getLocalAddress());
                    assertEmptyDatagramIsRead(channel, target, scattered);
                }
            }
        }
    }

    private static DatagramBatch batchTo(SocketAddress receiver, SocketAddress badOne) {
        DatagramBatch batch = new DatagramBatch(3, 8);
        for (int slot = 0; slot < 3; slot++) {
            batch.data(slot).clear().put((byte) slot).flip();
            batch.address(slot).set(slot == 1 ? badOne : receiver);
        }
        return batch;
    }

    private static List<SocketAddress> badAddresses() {
        return List.of(
                UnixDomainSocketAddress.of("/nowhere"),
                UnixDomainSocketAddress.of("/" + "x".repeat(200)),
                ipv6Loopback(9),
                address(new byte[] {127, 0, 0, 1}, 0));
    }

    @Test
    void slotsBeforeInvalidOneAreSent() throws IOException {
        try (UdpChannel receiver = UdpChannel.open(loop, anyPort());
                UdpChannel sender = UdpChannel.open(loop, anyPort())) {
            for (SocketAddress bad : badAddresses()) {
                DatagramBatch batch = batchTo(receiver.getLocalAddress(), bad);
                assertThat(sender.send(batch, 0, 3)).as("%s", bad).isEqualTo(1);
                assertThat(batch.data(0).hasRemaining()).isFalse();
                assertThatThrownBy(() -> sender.send(batch, 1, 2)).isInstanceOf(IOException.class);
                assertThat(batch.data(1).hasRemaining()).isTrue();
                assertThat(sender.send(batch, 2, 1)).isEqualTo(1);
                for (int slot = 0; slot < 3; slot += 2) {
                    ByteBuffer target = ByteBuffer.allocate(8);
                    runUntil(() -> receiver.receive(target) != null);
                    assertThat(target.get(0)).isEqualTo((byte) slot);
                }
            }
        }
    }
}
