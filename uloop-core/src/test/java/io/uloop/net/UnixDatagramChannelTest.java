package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.EachBackend;
import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramBatch;
import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.UEvent;
import io.uloop.poller.UnixAddress;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class UnixDatagramChannelTest extends EachBackend {
    private void requireNative() {
        assumeTrue(io instanceof NativeDescriptors, "needs system calls");
    }

    private static void assumeLinux() {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "needs Linux");
    }

    private UnixDomainSocketAddress path(String name) throws IOException {
        return UnixDomainSocketAddress.of(directory().resolve(name));
    }

    private UnixDatagramChannel bound(String name) throws IOException {
        return closing(UnixDatagramChannel.open(loop, path(name)));
    }

    @Test
    void selectRefusesWithAdvice() {
        assumeTrue(!(io instanceof NativeDescriptors));
        assertThatThrownBy(() -> UnixDatagramChannel.open(loop))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("native backend");
        assertThatThrownBy(() -> UnixDatagramChannel.pair(loop))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> UnixListener.open(loop, UnixAddress.ofAbstract("uloop")))
                .hasMessageContaining("EAFNOSUPPORT");
    }

    @Test
    void datagramArrivesWithItsSenderAndIsAnswered() throws IOException {
        requireNative();
        UnixDatagramChannel server = bound("server");
        UnixDatagramChannel client = bound("client");
        List<SocketAddress> senders = new ArrayList<>();
        ByteBuffer question = ByteBuffer.allocate(64);
        server.register(
                UEvent.IN,
                (fd, events) -> {
                    senders.add(server.receive(question));
                    server.send(bytes("answer"), senders.get(0));
                });
        ByteBuffer answer = ByteBuffer.allocate(64);
        client.register(UEvent.IN, (fd, events) -> client.receive(answer));
        assertThat(client.send(bytes("question"), path("server"))).isEqualTo(8);
        runUntil(() -> answer.position() > 0);
        assertThat(senders).containsExactly(path("client"));
        assertThat(text(question) + ' ' + text(answer)).isEqualTo("question answer");
    }

    @Test
    void senderWithoutNameIsUnnamed() throws IOException {
        requireNative();
        UnixDatagramChannel server = bound("server");
        UnixDatagramChannel client = closing(UnixDatagramChannel.open(loop));
        client.send(bytes("x"), new DatagramAddress(path("server")));
        DatagramAddress sender = new DatagramAddress();
        assertThat(server.receive(ByteBuffer.allocate(8), sender)).isEqualTo(1);
        assertThat(sender.family()).isEqualTo(StandardProtocolFamily.UNIX);
        assertThat(sender.nameLength()).isZero();
        assertThat(client.getLocalAddress()).isNull();
    }

    @Test
    void abstractNamesAreServedByEachKindOfSocket() throws IOException {
        requireNative();
        assumeLinux();
        UnixAddress name = UnixAddress.ofAbstract("uloop-" + UUID.randomUUID());
        UnixDatagramChannel server = closing(UnixDatagramChannel.open(loop, name));
        assertThat(server.getLocalAddress()).isEqualTo(name);
        UnixDatagramChannel client = closing(UnixDatagramChannel.open(loop));
        client.connect(name);
        assertThat(client.getRemoteAddress()).isEqualTo(name);
        assertThat(client.write(bytes("x"))).isEqualTo(1);
        assertThat(server.receive(ByteBuffer.allocate(8))).isNotNull();

        UnixAddress other = UnixAddress.ofAbstract("uloop-" + UUID.randomUUID());
        UnixListener listener = closing(UnixListener.open(loop, other));
        UnixChannel stream = closing(UnixChannel.connect(loop, other));
        assertThat(stream.getRemoteAddress()).isEqualTo(other);
        UnixChannel[] accepted = new UnixChannel[1];
        runUntil(() -> (accepted[0] = listener.accept()) != null);
        closing(accepted[0]);
    }

    @Test
    void autobindPicksAnUnusedName() throws IOException {
        requireNative();
        assumeLinux();
        UnixDatagramChannel one = closing(UnixDatagramChannel.open(loop)).bind(null);
        UnixDatagramChannel two = closing(UnixDatagramChannel.open(loop, UnixAddress.AUTOBIND));
        UnixListener listener = closing(UnixListener.open(loop, UnixAddress.AUTOBIND));
        UnixChannel stream = closing(UnixChannel.open(loop)).bind(UnixAddress.AUTOBIND);
        List<SocketAddress> names =
                List.of(
                        one.getLocalAddress(),
                        two.getLocalAddress(),
                        listener.getLocalAddress(),
                        stream.getLocalAddress());
        assertThat(names)
                .doesNotHaveDuplicates()
                .allSatisfy(name -> assertThat(name.toString()).matches("\\\\x00[0-9a-f]{5}"));
        one.send(bytes("x"), two.getLocalAddress());
        assertThat(two.receive(ByteBuffer.allocate(8))).isEqualTo(one.getLocalAddress());
        stream.connect(listener.getLocalAddress());
        UnixChannel[] accepted = new UnixChannel[1];
        runUntil(() -> (accepted[0] = listener.accept()) != null);
        assertThat(closing(accepted[0]).getRemoteAddress()).isEqualTo(stream.getLocalAddress());
        assertThatThrownBy(() -> one.bind(null)).isInstanceOf(AlreadyBoundException.class);
    }

    @Test
    void disconnectedChannelReceivesFromAnySender() throws IOException {
        requireNative();
        UnixDatagramChannel channel = bound("channel");
        UnixDatagramChannel stranger = bound("stranger");
        channel.connect(bound("peer").getLocalAddress());
        assertThatThrownBy(() -> stranger.send(bytes("x"), path("channel")))
                .hasMessageContaining("EPERM");
        channel.disconnect();
        assertThat(channel.getRemoteAddress()).isNull();
        assertThat(channel.getLocalAddress()).isEqualTo(path("channel"));
        stranger.send(bytes("x"), path("channel"));
        assertThat(channel.receive(ByteBuffer.allocate(8))).isEqualTo(path("stranger"));
    }

    @Test
    void pairIsConnectedBothWaysAndKeepsBoundaries() throws IOException {
        requireNative();
        UnixDatagramChannel.Pair pair = UnixDatagramChannel.pair(loop);
        UnixDatagramChannel first = closing(pair.first());
        UnixDatagramChannel second = closing(pair.second());
        assertThat(first.write(bytes("one"))).isEqualTo(3);
        assertThat(first.write(new ByteBuffer[] {bytes("t"), bytes("wo")})).isEqualTo(3);
        ByteBuffer target = ByteBuffer.allocate(8);
        assertThat(second.read(target)).isEqualTo(3);
        assertThat(second.read(target)).isEqualTo(3);
        assertThat(text(target)).isEqualTo("onetwo");
        assertThat(second.write(bytes("back"))).isEqualTo(4);
        assertThat(first.read(target.clear())).isEqualTo(4);
        second.close();
        assertThatThrownBy(() -> first.write(bytes("x"))).hasMessageContaining("ECONNREFUSED");
    }

    @Test
    void fullReceiverBlocksAConnectedSenderUntilRead() throws IOException {
        requireNative();
        UnixDatagramChannel.Pair pair = UnixDatagramChannel.pair(loop);
        UnixDatagramChannel first = closing(pair.first());
        UnixDatagramChannel second = closing(pair.second());
        int sent = 0;
        while (first.write(bytes("x")) > 0) {
            sent++;
        }
        int[] writable = new int[1];
        first.register(UEvent.OUT, (fd, events) -> writable[0]++);
        assertThat(loop.runOnce(0)).isZero();
        for (int i = 0; i < sent; i++) {
            assertThat(second.read(ByteBuffer.allocate(2))).isEqualTo(1);
        }
        runUntil(() -> writable[0] > 0);
    }

    @Test
    void batchIsReceivedAndSentBack() throws IOException {
        requireNative();
        UnixDatagramChannel server = bound("server");
        UnixDatagramChannel client = bound("client");
        DatagramBatch batch = new DatagramBatch(4, 16);
        client.send(bytes("one"), path("server"));
        client.send(bytes("two"), path("server"));
        assertThat(server.receive(batch)).isEqualTo(2);
        assertThat(server.send(batch, 0, 2)).isEqualTo(2);
        ByteBuffer target = ByteBuffer.allocate(8);
        assertThat(client.receive(target)).isEqualTo(path("server"));
        assertThat(client.receive(target)).isEqualTo(path("server"));
        assertThat(text(target)).isEqualTo("onetwo");
    }

    @Test
    void descriptorsArePassedWithADatagram() throws IOException {
        requireNative();
        UnixDatagramChannel.Pair pair = UnixDatagramChannel.pair(loop);
        UnixDatagramChannel first = closing(pair.first());
        UnixDatagramChannel second = closing(pair.second());
        Descriptors.Pipe pipe = pipe();
        assertThat(first.sendDescriptors(bytes("pipe"), pipe.writeEnd())).isEqualTo(4);
        int[] passed = new int[2];
        assertThat(second.receiveDescriptors(ByteBuffer.allocate(8), passed)).isEqualTo(4);
        write(track(passed[0]), "x");
        assertThat(passed[1]).isEqualTo(Descriptors.NONE);
        assertThat(io.read(pipe.readEnd(), ByteBuffer.allocate(2))).isEqualTo(1);
    }

    @Test
    void wrongUsesAreRefusedWithoutLeak() throws IOException {
        requireNative();
        assertThatThrownBy(() -> UnixDatagramChannel.open(loop, anyPort()))
                .isInstanceOf(UnsupportedAddressTypeException.class);
        UnixDatagramChannel channel = bound("one");
        assertThatThrownBy(() -> channel.send(bytes("x"), anyPort()))
                .isInstanceOf(UnsupportedAddressTypeException.class);
        assertThatThrownBy(() -> channel.connect(anyPort()))
                .isInstanceOf(UnsupportedAddressTypeException.class);
        assertThatThrownBy(() -> channel.write(bytes("x")))
                .isInstanceOf(NotYetConnectedException.class);
        assertThatThrownBy(() -> channel.sendDescriptors(bytes("x"), 0))
                .isInstanceOf(NotYetConnectedException.class);
        assertThatThrownBy(() -> channel.connect(path("none"))).hasMessageContaining("ENOENT");
        assertThatThrownBy(() -> UnixDatagramChannel.open(loop, path("one")))
                .hasMessageContaining("EADDRINUSE");
        assertThat(channel.supportedOptions()).isNotEmpty();
    }
}
