package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.EachBackend;
import io.uloop.poller.DatagramAddress;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.ChildJava;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DatagramQueueTest extends EachBackend {
    /** Makes the loopback interface slower than a sender. */
    private static final String NAMESPACE =
            "ip link set lo up"
                    + " && tc qdisc replace dev lo root tbf rate 40mbit burst 10kb latency 10s && ";

    private static final DatagramAddress PEER = new DatagramAddress();

    private final List<DatagramQueue> writable = new ArrayList<>();
    private final List<Errno> errors = new ArrayList<>();
    private final DatagramQueueHandler handler =
            new DatagramQueueHandler() {
                @Override
                public void writable(DatagramQueue queue) {
                    writable.add(queue);
                }

                @Override
                public void failed(DatagramQueue queue, PollerException error) {
                    errors.add(error.errno());
                }
            };

    private UnixDatagramChannel.Pair pair() throws IOException {
        assumeTrue(io instanceof NativeDescriptors, "needs unix-domain datagrams");
        UnixDatagramChannel.Pair pair = UnixDatagramChannel.pair(loop);
        closing(pair.first());
        closing(pair.second());
        return pair;
    }

    /** Sends until a datagram is refused, and returns the number of those that were not. */
    private static int fill(DatagramQueue queue) throws IOException {
        int sent = 0;
        while (queue.send(bytes("n" + sent), PEER)) {
            sent++;
        }
        return sent;
    }

    private static String read(UnixDatagramChannel channel) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(64);
        channel.read(target);
        return text(target);
    }

    @Test
    void slowInterfaceLosesNothingInANetworkNamespace() throws Exception {
        assumeTrue(
                new ProcessBuilder("unshare", "-rn", "sh", "-c", NAMESPACE + "true")
                                .redirectErrorStream(true)
                                .start()
                                .waitFor()
                        == 0,
                "this machine does not let tests configure network namespaces");
        String printed =
                ChildJava.of(QueueProgram.class, provider.name())
                        .launcher("unshare", "-rn", "sh", "-c", NAMESPACE + "exec \"$@\"", "sh")
                        .run();
        assertThat(printed).contains("received 300 in order").contains("refused");
    }

    @Test
    void datagramIsSentAtOnceIfTheSocketTakesIt() throws IOException {
        UdpChannel receiver = closing(UdpChannel.open(loop, anyPort()));
        UdpChannel sender = closing(UdpChannel.open(loop, anyPort()));
        DatagramQueue queue = new DatagramQueue(sender, 4, 16, handler);
        int[] events = new int[1];
        queue.register(UEvent.IN, (fd, ready) -> events[0] |= ready);
        DatagramAddress target = new DatagramAddress(receiver.getLocalAddress());
        assertThat(queue.send(bytes("hello"), target)).isTrue();
        assertThat(queue.size()).isZero();
        ByteBuffer bytes = ByteBuffer.allocate(16);
        runUntil(() -> receiver.receive(bytes) != null);
        assertThat(text(bytes)).isEqualTo("hello");
        assertThat(queue.channel()).isSameAs(sender);
        assertThat(queue).hasToString("DatagramQueue[" + sender + ", queued=0]");

        assertThat(queue.send(bytes(""), target)).isTrue();
        boolean[] arrived = new boolean[1];
        runUntil(() -> arrived[0] |= receiver.receive(bytes.clear()) != null);
        assertThat(bytes.position()).isZero();
        assertThat(events[0]).isZero();
        sender.send(bytes("own"), sender.getLocalAddress());
        runUntil(() -> events[0] == UEvent.IN);
        queue.modify(UEvent.IN | UEvent.OUT);
        runUntil(() -> (events[0] & UEvent.OUT) != 0);
    }

    @Test
    void fullQueueRefusesAndTellsWhenItHasRoom() throws IOException {
        UnixDatagramChannel.Pair pair = pair();
        DatagramQueue queue = new DatagramQueue(pair.first(), 8, 16, handler);
        queue.register(UEvent.NONE, (fd, events) -> {});
        int sent = fill(queue);
        assertThat(queue.size()).isEqualTo(8);
        assertThat(loop.runOnce(0)).isZero();
        List<String> received = new ArrayList<>();
        for (int i = 0; i < sent; i++) {
            String[] next = {""};
            runUntil(
                    () -> {
                        next[0] = read(pair.second());
                        return !next[0].isEmpty();
                    });
            received.add(next[0]);
        }
        assertThat(received).hasSize(sent).startsWith("n0", "n1").endsWith("n" + (sent - 1));
        assertThat(received).doesNotHaveDuplicates();
        assertThat(writable).containsExactly(queue);
        assertThat(queue.size()).isZero();
        assertThat(loop.runOnce(0)).isZero(); // no longer waits for OUT
        assertThat(errors).isEmpty();
        fill(queue);
        assertThat(queue.size()).isEqualTo(8);
    }

    @Test
    void failureIsReportedAndTheNextDatagramSent() throws IOException {
        UnixDatagramChannel.Pair pair = pair();
        DatagramQueue queue = new DatagramQueue(pair.first(), 3, 16, handler);
        queue.register(UEvent.NONE, (fd, events) -> {});
        fill(queue);
        pair.second().close();
        runUntil(() -> queue.size() == 0);
        // Linux reports the end of the peer once, which disconnects the socket.
        assertThat(errors).hasSizeGreaterThanOrEqualTo(3).hasSizeLessThanOrEqualTo(4);
        assertThat(errors).containsOnly(Errno.ECONNREFUSED, Errno.ENOTCONN);
        assertThat(writable).containsExactly(queue);
        assertThatThrownBy(() -> queue.send(bytes("x"), PEER)).isInstanceOf(PollerException.class);
    }

    @Test
    void exceptionOfTheHandlerDoesNotStopTheQueue() throws IOException {
        UnixDatagramChannel.Pair pair = pair();
        DatagramQueueHandler throwing =
                new DatagramQueueHandler() {
                    @Override
                    public void writable(DatagramQueue queue) {
                        writable.add(queue);
                    }

                    @Override
                    public void failed(DatagramQueue queue, PollerException error)
                            throws PollerException {
                        throw error;
                    }
                };
        DatagramQueue queue = new DatagramQueue(pair.first(), 1, 16, throwing);
        queue.register(UEvent.NONE, (fd, events) -> {});
        fill(queue);
        pair.second().close();
        runUntil(() -> queue.size() == 0);
        assertThat(failures).isNotEmpty();
        failures.clear();
        assertThat(writable).containsExactly(queue);
        assertThat(loop.runOnce(0)).isZero(); // no longer waits for OUT
    }

    @Test
    void wrongUsesAreRefused() throws IOException {
        UdpChannel channel = closing(UdpChannel.open(loop, anyPort()));
        DatagramQueue queue = new DatagramQueue(channel, 2, 4, handler);
        DatagramAddress target = new DatagramAddress(channel.getLocalAddress());
        assertThatThrownBy(() -> queue.send(bytes("12345"), target))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> queue.register(UEvent.IN | UEvent.EDGE, (fd, events) -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> queue.modify(UEvent.IN)).hasMessageContaining("ENOENT");
        assertThatThrownBy(() -> new DatagramQueue(channel, 0, 4, handler))
                .isInstanceOf(IllegalArgumentException.class);
        channel.close();
        assertThatThrownBy(() -> queue.send(bytes("x"), target))
                .isInstanceOf(ClosedChannelException.class);
    }
}
