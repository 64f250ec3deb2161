package io.uloop.poller.select;

import static io.uloop.poller.tck.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class SelectActivityTest extends SelectTest {
    private final ByteBuffer buffer = ByteBuffer.allocate(10);
    private final ByteBuffer[] buffers = {buffer};

    interface Call {
        Object make() throws IOException;
    }

    /** Makes a call and returns the increase of the count. */
    private int activityOf(int fd, Call call) throws IOException {
        buffer.clear();
        int before = io.activity(fd);
        call.make();
        return io.activity(fd) - before;
    }

    @Test
    void everyCallThatTransfersBytesCountsOnce() throws IOException {
        int[] ends = pipe();
        assertThat(activityOf(ends[1], () -> io.write(ends[1], buffer))).isEqualTo(1);
        assertThat(activityOf(ends[0], () -> io.read(ends[0], buffer))).isEqualTo(1);
        assertThat(activityOf(ends[1], () -> io.write(ends[1], buffers, 0, 1))).isEqualTo(1);
        assertThat(activityOf(ends[0], () -> io.read(ends[0], buffers, 0, 1))).isEqualTo(1);
    }

    @Test
    void wouldBlockFailureAndEndOfStreamDoNotCount() throws IOException {
        int[] ends = pipe();
        assertThat(activityOf(ends[0], () -> io.read(ends[0], buffer))).isZero();
        assertThat(activityOf(ends[0], () -> io.read(ends[0], buffers, 0, 1))).isZero();
        close(ends[1]);
        assertThat(activityOf(ends[0], () -> io.read(ends[0], buffer))).isZero();
        int[] others = pipe();
        close(others[0]);
        int before = io.activity(others[1]);
        assertFails(Errno.EPIPE, () -> io.write(others[1], buffer.clear()));
        assertThat(io.activity(others[1])).isEqualTo(before);
    }

    @Test
    void acceptedConnectionCountsForTheListener() throws IOException {
        int listener = listener(IPV4, 1);
        assertThat(activityOf(listener, () -> io.accept(listener))).isZero();
        connecting(listener);
        assertThat(activityOf(listener, () -> accept(listener))).isEqualTo(1);
        assertThat(io.accept(listener)).isEqualTo(Descriptors.NONE);
    }

    @Test
    void datagramsCountEvenIfReceivedEmpty() throws IOException {
        int fd = boundDatagram();
        assertThat(activityOf(fd, () -> io.receive(fd, buffer))).isZero();
        assertThat(activityOf(fd, () -> io.send(fd, buffer, address(fd)))).isEqualTo(1);
        until(() -> activityOf(fd, () -> io.receive(fd, buffer)) == 1);
        for (int i = 0; i < 2; i++) {
            io.send(fd, ByteBuffer.allocate(0), address(fd));
        }
        until(() -> activityOf(fd, () -> io.receive(fd, buffer)) == 1);
        until(() -> activityOf(fd, () -> io.read(fd, buffer)) == 1);
    }
}
