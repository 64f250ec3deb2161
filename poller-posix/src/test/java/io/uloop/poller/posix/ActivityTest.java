package io.uloop.poller.posix;

import static io.uloop.poller.posix.Failures.assertFails;
import static io.uloop.poller.tck.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.tck.Ends;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class ActivityTest extends DescriptorsTest {
    private final ByteBuffer buffer = ByteBuffer.allocate(10);

    ActivityTest(boolean linux) {
        super(linux);
    }

    interface Call {
        Object make() throws IOException;
    }

    /** Makes a call and returns by how much the count has grown. */
    private int activityOf(int fd, Call call) throws IOException {
        buffer.clear();
        int before = descriptors.activity(fd);
        call.make();
        return descriptors.activity(fd) - before;
    }

    @Test
    void everyCallThatMovesBytesCountsOnce() throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        ByteBuffer[] buffers = {buffer};
        assertThat(activityOf(ends[0], () -> descriptors.write(ends[0], buffer))).isEqualTo(1);
        assertThat(activityOf(ends[1], () -> descriptors.read(ends[1], buffer))).isEqualTo(1);
        assertThat(activityOf(ends[0], () -> descriptors.write(ends[0], buffers, 0, 1)))
                .isEqualTo(1);
        assertThat(activityOf(ends[1], () -> descriptors.read(ends[1], buffers, 0, 1)))
                .isEqualTo(1);
    }

    @Test
    void wouldBlockCountsNothing() throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        ByteBuffer[] buffers = {buffer};
        assertThat(activityOf(ends[0], () -> descriptors.read(ends[0], buffer))).isZero();
        assertThat(activityOf(ends[0], () -> descriptors.read(ends[0], buffers, 0, 1))).isZero();
        ByteBuffer full = ByteBuffer.allocate(60_000);
        while (descriptors.write(ends[0], full.clear()) > 0) {
            full.clear();
        }
        assertThat(activityOf(ends[0], () -> descriptors.write(ends[0], full.clear()))).isZero();
        buffers[0] = full.clear();
        assertThat(activityOf(ends[0], () -> descriptors.write(ends[0], buffers, 0, 1))).isZero();
    }

    @Test
    void endOfStreamAndFailuresCountNothing() throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        ByteBuffer[] buffers = {buffer};
        close(ends[1]);
        assertThat(activityOf(ends[0], () -> descriptors.read(ends[0], buffer))).isZero();
        assertThat(activityOf(ends[0], () -> descriptors.read(ends[0], buffers, 0, 1))).isZero();
        int before = descriptors.activity(ends[0]);
        assertFails(Errno.EPIPE, () -> descriptors.write(ends[0], buffer));
        assertFails(Errno.EPIPE, () -> descriptors.write(ends[0], buffers, 0, 1));
        assertThat(descriptors.activity(ends[0])).isEqualTo(before);
    }

    @Test
    void acceptedConnectionCountsForTheListener() throws IOException {
        int listener = track(descriptors.openListener(StandardProtocolFamily.INET));
        descriptors.listen(listener, Loopback.IPV4, 1);
        assertThat(activityOf(listener, () -> descriptors.accept(listener))).isZero();
        int client = track(descriptors.openStream(StandardProtocolFamily.INET));
        descriptors.connect(client, descriptors.localAddress(listener));
        assertThat(activityOf(listener, () -> accept(listener))).isEqualTo(1);
        assertThat(descriptors.accept(listener)).isEqualTo(Descriptors.NONE);
    }

    @Test
    void emptyDatagramsCount() throws IOException {
        int fd = track(descriptors.openDatagram(StandardProtocolFamily.INET));
        descriptors.bind(fd, Loopback.IPV4);
        SocketAddress self = descriptors.localAddress(fd);
        assertThat(activityOf(fd, () -> descriptors.receive(fd, buffer))).isZero();
        ByteBuffer empty = ByteBuffer.allocate(0);
        for (int i = 0; i < 2; i++) {
            assertThat(activityOf(fd, () -> descriptors.send(fd, empty, self))).isEqualTo(1);
        }
        until(() -> activityOf(fd, () -> descriptors.receive(fd, buffer)) == 1);
        until(() -> activityOf(fd, () -> descriptors.read(fd, buffer)) == 1);
        assertThat(activityOf(fd, () -> descriptors.read(fd, buffer))).isZero();
    }
}
