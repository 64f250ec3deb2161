package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.net.UdpChannel;
import io.uloop.poller.DatagramAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

class FiberDatagramSocketTest extends EachFiber {
    private FiberDatagramSocket open() throws Exception {
        return closing(FiberDatagramSocket.open(fibers, anyPort()));
    }

    @EachMode
    void datagramsKeepTheirBoundsAndSenders() throws Exception {
        run(
                () -> {
                    FiberDatagramSocket receiver = open();
                    FiberDatagramSocket sender = open();
                    List<String> texts = new ArrayList<>();
                    Fiber<?> receiving =
                            fibers.start(
                                    "receiver",
                                    () -> {
                                        ByteBuffer target = ByteBuffer.allocate(64);
                                        for (int i = 0; i < 3; i++) {
                                            assertThat(receiver.receive(target.clear()))
                                                    .isEqualTo(sender.getLocalAddress());
                                            texts.add(text(target));
                                        }
                                    });
                    awaitState(receiving, FiberState.WAITING_FOR_DESCRIPTOR);
                    for (String each : List.of("one", "", "three")) {
                        ByteBuffer source = bytes(each);
                        sender.send(source, receiver.getLocalAddress());
                        assertThat(source.hasRemaining()).isFalse();
                    }
                    receiving.join();
                    assertThat(texts).containsExactly("one", "", "three");
                });
    }

    @EachMode
    void emptyDatagramIsNoEnd() throws Exception {
        run(
                () -> {
                    FiberDatagramSocket socket = open();
                    socket.send(bytes(""), socket.getLocalAddress());
                    socket.send(bytes("x"), socket.getLocalAddress());
                    DatagramAddress sender = new DatagramAddress();
                    ByteBuffer target = ByteBuffer.allocateDirect(4);
                    assertThat(socket.receive(target, sender)).isZero();
                    assertThat(socket.receive(target, sender)).isEqualTo(1);
                    assertThat(sender.toSocketAddress()).isEqualTo(socket.getLocalAddress());
                });
    }

    @EachMode
    void answersAreExchanged() throws Exception {
        run(
                () -> {
                    FiberDatagramSocket server = open();
                    FiberDatagramSocket client = open();
                    fibers.start(
                            "server",
                            () -> {
                                ByteBuffer bytes = ByteBuffer.allocateDirect(16);
                                for (int i = 0; i < 100; i++) {
                                    var from = server.receive(bytes.clear());
                                    server.send(bytes.flip(), from);
                                }
                            });
                    ByteBuffer answer = ByteBuffer.allocateDirect(16);
                    for (int i = 0; i < 100; i++) {
                        client.send(bytes("number " + i), server.getLocalAddress());
                        client.receive(answer.clear());
                        assertThat(text(answer)).isEqualTo("number " + i);
                    }
                });
    }

    @EachMode
    void tooLargeDatagramFailsAndIsNotConsumed() throws Exception {
        run(
                () -> {
                    FiberDatagramSocket socket = open();
                    ByteBuffer source = ByteBuffer.allocate(70_000);
                    assertThatThrownBy(() -> socket.send(source, socket.getLocalAddress()))
                            .hasMessageContaining("EMSGSIZE");
                    assertThat(source.remaining()).isEqualTo(70_000);
                });
    }

    @EachMode
    void channelOfTheLoopIsTakenOver() throws Exception {
        run(
                () -> {
                    UdpChannel channel = UdpChannel.open(loop, anyPort());
                    FiberDatagramSocket socket = closing(FiberDatagramSocket.of(fibers, channel));
                    socket.send(bytes("x"), socket.getLocalAddress());
                    socket.receive(ByteBuffer.allocate(1));
                    assertThat(socket.channel()).isSameAs(channel);
                    socket.close();
                    assertThat(channel.isOpen()).isFalse();
                });
    }
}
