package io.uloop.connection.frames;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.CapturedLog;
import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionOptions;
import io.uloop.net.TcpChannel;
import io.uloop.poller.PollerProvider;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The frames of untrusted peers are limited by the budget of the loop. */
class FrameMemoryTest extends EachFraming {
    private static final int BUDGET = 1 << 20;

    private final LengthPrefix frames = LengthPrefix.bigEndian(4, 16 << 20);

    @Override
    protected Uloop build(PollerProvider backend) throws IOException {
        return closing(
                Uloop.builder()
                        .poller(backend)
                        .bufferBudget(BUDGET)
                        .errorHandler((where, source, error) -> failures.add(error))
                        .build());
    }

    @Test
    void frameAboveTheBudgetEndsItsConnection() throws IOException {
        try (CapturedLog log = new CapturedLog("io.uloop.connection")) {
            open(Stream.TCP, frames);
            send("\0\100\0\0");
            peer.connection.write(ByteBuffer.allocate(4 << 20));
            runUntil(() -> framed.isClosed);
            assertThat(framed.cause)
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessageContaining("of the 1048576 bytes");
            assertThat(loop.metrics().endedForMemory()).isEqualTo(1);
            assertThat(log.records()).hasSize(1);
        }
    }

    /** Many peers that send half a frame each make room for one that sends a smaller frame. */
    @Test
    void unfinishedFramesOfManyPeersStayWithinTheBudget() throws IOException {
        try (CapturedLog log = new CapturedLog("io.uloop.connection")) {
            List<Recorder> hostile = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                Recorder handler = new Recorder();
                hostile.add(handler);
                write(connect(handler), ByteBuffer.allocate(60_004).putInt(0, 100_000));
                assertThat(loop.metrics().bufferedBytes()).isLessThanOrEqualTo(BUDGET);
            }
            assertThat(hostile.get(0).isClosed).isTrue();
            assertThat(hostile.get(29).isClosed).isFalse();
            Recorder honest = new Recorder();
            TcpChannel client = connect(honest);
            write(client, ByteBuffer.allocate(10_004).putInt(0, 20_000));
            write(client, ByteBuffer.allocate(10_000));
            runUntil(() -> honest.frames.size() == 1);
            assertThat(honest.frames.get(0)).hasSize(20_000);
            assertThat(loop.metrics().endedForMemory()).isPositive();
            assertThat(log.records()).isNotEmpty();
            hostile.add(honest);
            hostile.forEach(each -> each.connection.abort());
            runUntil(() -> hostile.stream().allMatch(each -> each.isClosed));
        }
    }

    private TcpChannel connect(Recorder handler) throws IOException {
        TcpChannel[] ends = connection();
        Connection.open(ends[0], ConnectionOptions.DEFAULTS, frames.handler(handler));
        return ends[1];
    }

    private void write(TcpChannel peer, ByteBuffer bytes) throws IOException {
        runUntil(() -> peer.write(bytes) >= 0 && !bytes.hasRemaining());
        settle();
    }

    @Test
    void memoryOfAnUnfinishedFrameIsReleasedAtTheEnd() throws IOException {
        open(Stream.TCP, frames);
        send("\0\0\10\0" + "x".repeat(100));
        assertThat(loop.metrics().bufferedBytes()).isPositive();
        framed.connection.abort();
        runUntil(() -> framed.isClosed);
        assertThat(loop.metrics().bufferedBytes()).isZero();
    }

    @Test
    void bytesBehindAPauseCount() throws IOException {
        framed.action = (connection, frame) -> connection.pauseReading();
        open(Stream.TCP, frames);
        send("\0\0\0\1x" + "\0\0\0\1y".repeat(1000));
        assertThat(loop.metrics().bufferedBytes()).isGreaterThanOrEqualTo(4995);
        framed.action = (connection, frame) -> {};
        framed.connection.resumeReading();
        runUntil(() -> framed.frames.size() == 1001);
        assertThat(loop.metrics().bufferedBytes()).isZero();
    }
}
