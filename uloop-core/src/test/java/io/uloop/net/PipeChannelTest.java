package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.EachBackend;
import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.Ends;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PipeChannelTest extends EachBackend {
    private PipeChannel source;
    private PipeChannel sink;

    @BeforeEach
    void openPipe() throws IOException {
        PipeChannel.Ends ends = PipeChannel.open(loop);
        source = closing(ends.source());
        sink = closing(ends.sink());
    }

    @Test
    void bytesArriveBeforeTheEnd() throws IOException {
        ByteBuffer received = ByteBuffer.allocate(64);
        boolean[] ended = new boolean[1];
        source.register(
                UEvent.IN,
                (fd, events) -> {
                    ended[0] = source.read(received) < 0;
                    if (ended[0]) {
                        source.close();
                    }
                });
        assertThat(sink.write(bytes("one "))).isEqualTo(4);
        assertThat(sink.write(new ByteBuffer[] {bytes("two "), bytes("three")})).isEqualTo(9);
        runUntil(() -> received.position() == 13);
        sink.close();
        runUntil(() -> ended[0]);
        assertThat(text(received)).isEqualTo("one two three");
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void fullPipeTakesNothingUntilRead() throws IOException {
        ByteBuffer much = ByteBuffer.allocateDirect(1 << 20);
        runUntil(() -> sink.write(much.clear()) == 0);
        int[] writable = new int[1];
        sink.register(UEvent.OUT, (fd, events) -> writable[0]++);
        assertThat(loop.runOnce(0)).isZero();
        ByteBuffer[] targets = {ByteBuffer.allocate(100), ByteBuffer.allocate(1 << 20)};
        assertThat(source.read(targets)).isGreaterThan(100);
        runUntil(() -> writable[0] > 0);
    }

    @Test
    void writeWithoutReaderFailsWithEpipe() throws IOException {
        source.close();
        assertThatThrownBy(() -> sink.write(bytes("x"))).hasMessageContaining("EPIPE");
    }

    @Test
    void closedDescriptorIsNotReportedAsWrongDirection() throws IOException {
        int fd = highPipe().readEnd();
        PipeChannel closed = closing(PipeChannel.adopt(loop, fd));
        close(fd);
        assertThatThrownBy(() -> closed.read(ByteBuffer.allocate(1)))
                .isInstanceOf(PollerException.class)
                .hasMessageContaining("EBADF");
        assertThatThrownBy(() -> closed.write(bytes("x"))).isInstanceOf(PollerException.class);
        assertThatThrownBy(closed::close).hasMessageContaining("EBADF");
    }

    @Test
    void closedEndThrows() throws IOException {
        int number = source.fd();
        source.close();
        source.close();
        assertThatThrownBy(() -> source.read(ByteBuffer.allocate(1)))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> source.write(new ByteBuffer[] {bytes("x")}))
                .isInstanceOf(ClosedChannelException.class);
        assertThat(source).hasToString("PipeChannel[fd=" + number + ", closed]");
        assertThat(source.fd()).isEqualTo(Descriptors.NONE);
    }

    @Test
    void channelOwnsGivenDescriptor() throws IOException {
        int[] ends = Ends.of(io.pipe());
        try (PipeChannel reader = PipeChannel.adopt(loop, ends[0]);
                PipeChannel writer = PipeChannel.adopt(loop, ends[1])) {
            writer.write(bytes("hello"));
            ByteBuffer target = ByteBuffer.allocate(8);
            runUntil(() -> reader.read(target) > 0);
            assertThat(text(target)).isEqualTo("hello");
        }
        // The leak check verifies that both are closed. Their numbers may already be reused.
        assertThatThrownBy(() -> PipeChannel.adopt(loop, -1)).hasMessageContaining("EBADF");
    }
}
