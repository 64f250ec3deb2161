package io.uloop.poller.select;

import static io.uloop.poller.tck.Waiting.until;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramBatch;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class SelectDatagramBatchTest extends SelectTest {
    private final DatagramBatch sent = new DatagramBatch(4, 100);
    private final DatagramBatch received = new DatagramBatch(4, 100);

    private void fill(int slot, String text, int receiver) throws IOException {
        sent.data(slot).clear().put(text.getBytes(US_ASCII)).flip();
        sent.address(slot).set(address(receiver));
    }

    /** Receives one datagram. */
    private String next(int fd, DatagramBatch batch) throws IOException {
        DatagramBatch one = new DatagramBatch(1, 100);
        until(() -> io.receive(fd, one) == 1);
        batch.address(0).set(one.address(0));
        return US_ASCII.decode(one.data(0)).toString();
    }

    @Test
    void datagramsKeepOrderBoundariesAndSender() throws IOException {
        int client = boundDatagram();
        int server = boundDatagram();
        assertThat(io.receive(server, received)).isZero();
        fill(0, "first", server);
        fill(1, "", server);
        fill(2, "third", server);
        assertThat(io.send(client, sent, 0, 3)).isEqualTo(3);
        assertThat(sent.data(2).hasRemaining()).isFalse();
        assertThat(next(server, received)).isEqualTo("first");
        assertThat(next(server, received)).isEmpty();
        assertThat(next(server, received)).isEqualTo("third");
        assertThat(received.address(0).toSocketAddress()).isEqualTo(address(client));
        received.data(0).clear().put((byte) 'x').flip();
        assertThat(io.send(server, received, 0, 1)).isEqualTo(1);
        assertThat(next(client, received)).isEqualTo("x");
    }

    @Test
    void segmentedDatagramsAreSentOneByOne() throws IOException {
        int fd = boundDatagram();
        fill(1, "aaabbbc", fd);
        sent.setSegmentBytes(1, 3);
        assertThat(io.send(fd, sent, 1, 1)).isEqualTo(1);
        assertThat(next(fd, received)).isEqualTo("aaa");
        assertThat(next(fd, received)).isEqualTo("bbb");
        assertThat(next(fd, received)).isEqualTo("c");
    }

    @Test
    void connectedSocketSendsToPeerWithoutAddress() throws IOException {
        int one = boundDatagram();
        int two = boundDatagram();
        fill(0, "x", two);
        sent.address(0).clear();
        assertFails(Errno.EDESTADDRREQ, () -> io.send(one, sent, 0, 1));
        assertFails(Errno.EDESTADDRREQ, () -> io.write(one, ByteBuffer.allocate(1)));
        io.connect(one, address(two));
        assertThat(io.send(one, sent, 0, 1)).isEqualTo(1);
        assertThat(next(two, received)).isEqualTo("x");
    }

    @Test
    void addressIsReusableForEachDatagram() throws IOException {
        int one = boundDatagram();
        int two = boundDatagram();
        DatagramAddress address = new DatagramAddress();
        ByteBuffer target = ByteBuffer.allocate(10);
        assertThat(io.receive(two, target, address)).isEqualTo(Descriptors.NONE);
        address.set(address(two));
        assertThat(io.send(one, ByteBuffer.allocate(4), address)).isEqualTo(4);
        until(() -> io.receive(two, target, address) == 4);
        assertThat(address.toSocketAddress()).isEqualTo(address(one));
    }
}
