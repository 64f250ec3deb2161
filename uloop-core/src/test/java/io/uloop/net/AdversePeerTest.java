package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.EachBackend;
import io.uloop.Timer;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Misbehaving peers do not affect the loop or other connections. */
class AdversePeerTest extends EachBackend {
    private static final long MUCH = 64L << 20;

    /** Sends and receives random streams as fast as the peer allows, and computes checksums. */
    private final class Party {
        private final StreamChannel channel;
        private final Random random;
        private final long total;
        private final ByteBuffer output = ByteBuffer.allocateDirect(96 << 10).limit(0);
        private final ByteBuffer input = ByteBuffer.allocateDirect(96 << 10);
        private final CRC32 sentSum = new CRC32();
        private final CRC32 receivedSum = new CRC32();
        private final int interest = StreamChannel.interestOn(loop);
        private long produced;
        private long received;
        private boolean sentAll;
        private boolean receivedAll;
        private int modifications;

        Party(StreamChannel channel, int seed, long total) throws IOException {
            this.channel = channel;
            this.total = total;
            random = new Random(seed);
            channel.register(isEdge() ? interest : interest | UEvent.OUT, this::processEvent);
        }

        boolean isEdge() {
            return (interest & UEvent.EDGE) != 0;
        }

        private void processEvent(int fd, int events) throws IOException {
            if ((events & UEvent.OUT) != 0) {
                send();
            }
            if ((events & (UEvent.IN | UEvent.RDHUP | UEvent.HUP)) != 0) {
                receive();
            }
        }

        private void send() throws IOException {
            while (!sentAll) {
                if (!output.hasRemaining()) {
                    if (produced == total) {
                        channel.shutdownOutput();
                        sentAll = true;
                        calm();
                        return;
                    }
                    produce();
                }
                if (channel.write(output) == 0) {
                    return;
                }
            }
        }

        private void produce() {
            byte[] block = new byte[(int) Math.min(64 << 10, total - produced)];
            random.nextBytes(block);
            output.clear().put(block).flip();
            sentSum.update(block);
            produced += block.length;
        }

        private void receive() throws IOException {
            int count = channel.read(input.clear());
            for (; count > 0; count = channel.read(input.clear())) {
                received += count;
                receivedSum.update(input.flip());
            }
            if (count < 0 && !receivedAll) {
                receivedAll = true;
                calm();
            }
        }

        /** Drops ended directions: level-triggered, they would be reported all the time. */
        private void calm() throws IOException {
            if (!isEdge()) {
                modifications++;
                int in = receivedAll ? UEvent.NONE : UEvent.IN;
                channel.modify(in | (sentAll ? UEvent.NONE : UEvent.OUT));
            }
        }
    }

    private void exchange(StreamChannel one, StreamChannel other, long total) throws IOException {
        Party left = new Party(one, 1, total);
        Party right = new Party(other, 2, total);
        runUntil(() -> left.receivedAll && right.receivedAll && left.sentAll && right.sentAll);
        assertThat(left.received).isEqualTo(total);
        assertThat(right.received).isEqualTo(total);
        assertThat(left.receivedSum.getValue()).isEqualTo(right.sentSum.getValue());
        assertThat(right.receivedSum.getValue()).isEqualTo(left.sentSum.getValue());
        if (left.isEdge()) {
            assertThat(left.modifications).isZero();
        }
        one.close();
        other.close();
    }

    @Test
    void sixtyFourMebibytesEachWayArriveUnchanged() throws IOException {
        TcpChannel[] ends = connection();
        exchange(ends[0], ends[1], MUCH);
    }

    @Test
    void sixtyFourMebibytesThroughUnixSocketArriveUnchanged(@TempDir Path directory)
            throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("socket"));
        UnixListener listener = closing(UnixListener.open(loop, address));
        UnixChannel client = closing(UnixChannel.connect(loop, address));
        exchange(client, closing(listener.accept()), MUCH);
    }

    @Test
    void smallBuffersBothWaysDoNotDeadlock() throws IOException {
        TcpChannel[] ends = connection();
        for (TcpChannel end : ends) {
            end.setOption(StandardSocketOptions.SO_SNDBUF, 4096);
            end.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
        }
        exchange(ends[0], ends[1], 20_000); // kernels are slow with such small buffers
    }

    @Test
    void segmentsOfOneByteArriveInOrder() throws IOException {
        TcpChannel[] ends = connection();
        TcpChannel client = ends[0];
        TcpChannel server = ends[1];
        client.setOption(StandardSocketOptions.TCP_NODELAY, true);
        ByteBuffer received = ByteBuffer.allocate(5000);
        server.register(UEvent.IN, (fd, events) -> server.read(received));
        ByteBuffer source = ByteBuffer.allocate(5000);
        new Random(3).nextBytes(source.array());
        client.register(
                UEvent.OUT,
                (fd, events) -> {
                    client.write(source.limit(source.position() + 1));
                    if (source.position() == source.capacity()) {
                        client.unregister();
                    }
                });
        runUntil(() -> !received.hasRemaining());
        assertThat(received.array()).isEqualTo(source.array());
    }

    @Test
    void eitherEndMayHalfCloseFirst() throws IOException {
        for (int first = 0; first < 2; first++) {
            TcpChannel[] ends = connection();
            TcpChannel early = ends[first];
            TcpChannel late = ends[1 - first];
            early.write(bytes("last"));
            early.shutdownOutput();
            assertThat(readToEnd(late)).isEqualTo("last");
            late.write(bytes("words"));
            late.shutdownOutput();
            assertThat(readToEnd(early)).isEqualTo("words");
            late.close();
            early.close();
        }
    }

    private String readToEnd(TcpChannel channel) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(64);
        boolean[] ended = new boolean[1];
        channel.register(
                UEvent.IN,
                (fd, events) -> {
                    ended[0] = channel.read(target) < 0;
                });
        runUntil(() -> ended[0]);
        channel.unregister();
        return text(target);
    }

    @Test
    void closedWindowReopens() throws IOException {
        TcpChannel[] ends = connection();
        TcpChannel client = ends[0];
        TcpChannel server = ends[1];
        ByteBuffer block = ByteBuffer.allocateDirect(256 << 10);
        long[] sent = new long[1];
        int[] refusals = new int[1];
        runUntil( // not even after the kernel has moved the buffered bytes
                () -> {
                    int count = client.write(block.clear());
                    sent[0] += count;
                    refusals[0] = count == 0 ? refusals[0] + 1 : 0;
                    return refusals[0] == 10;
                });
        int[] writable = new int[1];
        client.register(UEvent.OUT, (fd, events) -> writable[0]++);
        for (int i = 0; i < 20; i++) {
            loop.runOnce(1_000_000);
        }
        assertThat(writable[0]).isZero();
        long[] received = new long[1];
        server.register(UEvent.IN, (fd, events) -> received[0] += server.read(block.clear()));
        runUntil(() -> received[0] == sent[0]);
        assertThat(writable[0]).isPositive();
    }

    /** The progress of the server when a client resets. */
    private enum Moment {
        BEFORE_ACCEPT,
        BEFORE_REGISTER,
        WHILE_IT_WAITS,
        WITH_UNREAD_INPUT,
        WHILE_IT_WRITES,
        AFTER_ITS_END
    }

    @Test
    void resetAtAnyMomentEndsOnlyItsConnection() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        for (Moment moment : Moment.values()) {
            TcpChannel client = closing(TcpChannel.connect(loop, listener.getLocalAddress()));
            runUntil(client::finishConnect);
            client.setOption(StandardSocketOptions.SO_LINGER, 0);
            if (moment == Moment.BEFORE_ACCEPT) {
                client.close();
            }
            TcpChannel server = acceptFrom(listener);
            if (server == null) {
                continue; // a kernel may drop a connection reset before accept
            }
            prepare(moment, client, server);
            client.close();
            List<Object> end = new ArrayList<>();
            server.register(UEvent.IN | UEvent.OUT, (fd, events) -> useUntilEnd(server, end));
            runUntil(() -> !end.isEmpty());
            assertThat(Set.<Object>of(Errno.ECONNRESET, Errno.EPIPE, Errno.ENOTCONN, "end"))
                    .as("%s", moment)
                    .containsAll(end);
        }
        exchangeOn(listener);
    }

    /** The client resets after one side has sent a given number of bytes of its message. */
    @Test
    void resetAfterAnyByteLeavesPrefixAndEnd() throws IOException {
        byte[] message = new byte[24];
        new Random(5).nextBytes(message);
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        for (int bytes = 0; bytes <= 2 * message.length; bytes++) {
            TcpChannel client = closing(TcpChannel.connect(loop, listener.getLocalAddress()));
            runUntil(client::finishConnect);
            TcpChannel server = acceptFrom(listener);
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            server.setOption(StandardSocketOptions.TCP_NODELAY, true);
            ByteBuffer request = ByteBuffer.allocate(64);
            List<Object> end = new ArrayList<>();
            server.register(UEvent.IN, (fd, events) -> readUntilEnd(server, request, end));
            for (int i = 0; i < Math.min(bytes, message.length); i++) {
                client.write(ByteBuffer.wrap(message, i, 1));
                loop.runOnce(0);
            }
            int answered = Math.max(0, bytes - message.length);
            ByteBuffer answer = ByteBuffer.allocate(64);
            for (int i = 0; i < answered; i++) {
                server.write(ByteBuffer.wrap(message, i, 1));
            }
            runUntil(() -> client.read(answer) <= 0);
            client.setOption(StandardSocketOptions.SO_LINGER, 0);
            client.close();
            runUntil(() -> !end.isEmpty());
            assertThat(end).isSubsetOf(Errno.ECONNRESET, "end"); // the latter on kqueue and select
            assertThat(answer.position()).isLessThanOrEqualTo(answered);
            int sent = Math.min(bytes, message.length);
            assertThat(request.position()).isLessThanOrEqualTo(sent);
            assertThat(request.flip()).isEqualTo(ByteBuffer.wrap(message, 0, request.limit()));
            server.close();
        }
        exchangeOn(listener);
        assertThat(loop.toString()).contains("descriptors=0");
    }

    private static void readUntilEnd(TcpChannel server, ByteBuffer target, List<Object> end)
            throws IOException {
        try {
            if (server.read(target) < 0) {
                end.add("end");
            }
        } catch (PollerException e) {
            end.add(e.errno());
        }
        if (!end.isEmpty()) {
            server.unregister();
        }
    }

    @Test
    void resetDuringTransferEndsIt(@TempDir Path directory) throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[32 << 20]);
        TcpChannel[] ends = connection();
        TcpChannel sender = ends[0];
        TcpChannel receiver = ends[1];
        long[] sent = new long[1];
        Errno[] end = new Errno[1];
        try (FileChannel source = FileChannel.open(file)) {
            sender.register(
                    UEvent.OUT,
                    (fd, events) -> {
                        try {
                            sent[0] += sender.transfer(source, sent[0], 32 << 20);
                        } catch (PollerException e) {
                            end[0] = e.errno();
                            sender.close();
                        }
                    });
            ByteBuffer some = ByteBuffer.allocateDirect(64 << 10);
            runUntil(() -> receiver.read(some.clear()) > 0);
            receiver.setOption(StandardSocketOptions.SO_LINGER, 0);
            receiver.close();
            runUntil(() -> end[0] != null);
        }
        assertThat(end[0]).isIn(Errno.ECONNRESET, Errno.EPIPE);
        assertThat(sent[0]).isPositive().isLessThan(32 << 20);
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void floodOfConnectsIsAcceptedAndTimersFire() throws IOException {
        int flood = 3000;
        TcpListener listener = closing(TcpListener.open(loop, anyPort(), 4096));
        int[] accepted = new int[1];
        listener.register(
                channel -> {
                    accepted[0]++;
                    channel.close();
                });
        int[] ticks = new int[1];
        Timer timer = loop.callEvery(Duration.ofMillis(1), () -> ticks[0]++);
        for (int i = 0; i < flood; i++) {
            TcpChannel client = closing(TcpChannel.connect(loop, listener.getLocalAddress()));
            client.register(
                    UEvent.IN,
                    (fd, events) -> {
                        if (client.read(ByteBuffer.allocate(1)) < 0) {
                            client.close();
                        }
                    });
            if (i % 500 == 499) { // more than one turn accepts
                int before = ticks[0];
                runUntil(() -> ticks[0] > before);
            }
        }
        runUntil(() -> accepted[0] == flood);
        timer.close();
        listener.close();
        runUntil(() -> loop.toString().contains("descriptors=0"));
        assertThat(listener.connections()).isZero();
    }

    @Test
    void slowReaderDelaysOnlyItsConnection() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        TcpChannel slow = closing(TcpChannel.connect(loop, listener.getLocalAddress()));
        TcpChannel held = acceptFrom(listener);
        ByteBuffer block = ByteBuffer.allocateDirect(256 << 10);
        long[] sent = new long[1];
        held.register(
                UEvent.OUT,
                (fd, events) -> {
                    int count = held.write(block.clear());
                    sent[0] += count;
                });
        long[] received = new long[1];
        slow.register(
                UEvent.IN, (fd, events) -> received[0] += slow.read(ByteBuffer.allocateDirect(1)));
        exchangeOn(listener);
        assertThat(received[0]).isPositive().isLessThan(sent[0]);
        slow.close();
        held.close();
    }

    private TcpChannel acceptFrom(TcpListener listener) throws IOException {
        TcpChannel[] accepted = new TcpChannel[1];
        boolean[] done = new boolean[1];
        listener.register(
                channel -> {
                    accepted[0] = closing(channel);
                    done[0] = true;
                });
        loop.callLater(Duration.ofSeconds(2), () -> done[0] = true);
        runUntil(() -> done[0]);
        listener.unregister();
        return accepted[0];
    }

    private void prepare(Moment moment, TcpChannel client, TcpChannel server) throws IOException {
        switch (moment) {
            case WHILE_IT_WAITS -> loop.runOnce(0);
            case WITH_UNREAD_INPUT -> {
                client.write(bytes("unread"));
                loop.runOnce(0);
            }
            case WHILE_IT_WRITES -> {
                ByteBuffer block = ByteBuffer.allocateDirect(1 << 20);
                runUntil(() -> server.write(block.clear()) == 0);
            }
            case AFTER_ITS_END -> server.shutdownOutput();
            case BEFORE_ACCEPT, BEFORE_REGISTER -> {
                // Nothing has happened yet.
            }
        }
    }

    private static void useUntilEnd(TcpChannel server, List<Object> end) throws IOException {
        try {
            if (server.read(ByteBuffer.allocate(64)) < 0) {
                end.add("end");
            }
        } catch (PollerException e) {
            end.add(e.errno());
        }
        if (!end.isEmpty()) {
            server.close();
        }
    }

    /** Asserts that the listener still accepts working connections. */
    private void exchangeOn(TcpListener listener) throws IOException {
        TcpChannel client = closing(TcpChannel.connect(loop, listener.getLocalAddress()));
        exchange(client, acceptFrom(listener), 100_000);
    }

    @Test
    void stormOfResetsLeavesNothingOpen() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        listener.register(
                channel -> {
                    closing(channel);
                    List<Object> end = new ArrayList<>();
                    channel.register(UEvent.IN, (fd, events) -> useUntilEnd(channel, end));
                });
        int[] connected = new int[1];
        for (int i = 0; i < 500; i++) {
            TcpChannel client = closing(TcpChannel.connect(loop, listener.getLocalAddress()));
            client.setOption(StandardSocketOptions.SO_LINGER, 0);
            client.register(
                    UEvent.OUT,
                    (fd, events) -> {
                        connected[0]++;
                        client.close();
                    });
            if (i % 50 == 0) {
                loop.runOnce(0);
            }
        }
        runUntil(() -> connected[0] == 500);
        listener.unregister();
        TcpListener drained = listener;
        for (TcpChannel late = drained.accept(); late != null; late = drained.accept()) {
            late.close();
        }
        runUntil(() -> listener.connections() == 0);
        exchangeOn(listener);
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void silentClientDelaysNoOther() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        TcpChannel silent = closing(TcpChannel.connect(loop, listener.getLocalAddress()));
        TcpChannel held = acceptFrom(listener);
        int[] calls = new int[1];
        held.register(UEvent.IN, (fd, events) -> calls[0]++);
        exchangeOn(listener);
        assertThat(calls[0]).isZero();
        assertThat(silent.isOpen()).isTrue();
    }
}
