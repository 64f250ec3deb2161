package io.uloop.connection.frames;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.sun.management.ThreadMXBean;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Receiving and answering frames allocates nothing. */
class FrameAllocationTest extends EachFraming {
    private static final int ROUNDS = 2000;
    private static final int FRAMES = 5; // in each round
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Answers with the same frame. */
    private static final class Echo implements FrameHandler {
        private final Framing framing;
        private Connection connection;

        Echo(Framing framing) {
            this.framing = framing;
        }

        @Override
        public void opened(Connection by) {
            connection = by;
        }

        @Override
        public void frame(Connection by, ByteBuffer frame) {
            framing.write(by, frame);
        }
    }

    /** Sends frames in two parts, and the next ones after all answers. */
    private static final class Pinger implements ConnectionHandler {
        private final ByteBuffer wire;
        private final int cut;
        private int awaited;
        private int rounds;

        Pinger(ByteBuffer wire, int cut) {
            this.wire = wire;
            this.cut = cut;
        }

        void send(Connection connection) {
            awaited = wire.capacity();
            connection.write(wire.clear().limit(cut));
        }

        @Override
        public void opened(Connection connection) {
            send(connection);
        }

        @Override
        public void received(Connection connection, ByteBuffer data) {
            awaited -= data.remaining();
            if (awaited == 0) {
                rounds++;
                send(connection);
            } else if (wire.position() == cut) {
                connection.write(wire.limit(wire.capacity()));
            }
        }
    }

    private static ByteBuffer direct(String bytes) {
        ByteBuffer source = raw(bytes);
        return ByteBuffer.allocateDirect(source.remaining()).put(source);
    }

    @Test
    void wholeLinesAreEchoedWithoutAllocation() throws IOException {
        String wire = "hello, this is a line\n".repeat(FRAMES);
        assertAllocatesNothing(Lines.upTo(100), wire, wire.length());
    }

    @Test
    void splitLinesAreEchoedWithoutAllocation() throws IOException {
        String wire = "hello, this is a line\n".repeat(FRAMES);
        assertAllocatesNothing(Lines.upTo(100), wire, 30);
    }

    @Test
    void wholeFramesAreEchoedWithoutAllocation() throws IOException {
        String wire = "\0\0\0\5hello".repeat(FRAMES);
        assertAllocatesNothing(LengthPrefix.bigEndian(4, 100), wire, wire.length());
    }

    @Test
    void splitFramesAreEchoedWithoutAllocation() throws IOException {
        String wire = "\5hello".repeat(FRAMES);
        assertAllocatesNothing(LengthPrefix.varint(100), wire, 9);
    }

    /** Measures repeatedly until nothing is allocated, because the compiler may need long. */
    private void assertAllocatesNothing(Framing framing, String bytes, int cut) throws IOException {
        assumeFalse(provider.name().equals("select"), "the JDK's selector allocates");
        Echo echo = new Echo(framing);
        Pinger pinger = new Pinger(direct(bytes), cut);
        open(pinger, framing.handler(echo));
        double least = Double.MAX_VALUE;
        long start = System.nanoTime();
        while (least >= 1 && System.nanoTime() - start < PATIENCE_NANOS) {
            int end = pinger.rounds + ROUNDS;
            long before = THREADS.getCurrentThreadAllocatedBytes();
            while (pinger.rounds < end) {
                loop.runOnce(-1);
            }
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            least = Math.min(least, (double) allocated / ROUNDS / FRAMES);
        }
        assertThat(least).isLessThan(1);
        echo.connection.abort();
        settle();
    }
}
