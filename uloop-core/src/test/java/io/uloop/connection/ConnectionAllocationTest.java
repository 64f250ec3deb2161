package io.uloop.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Sending and answering messages allocates nothing. */
class ConnectionAllocationTest extends EachConnection {
    private static final int MESSAGES = 5000;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Sends a message of a given size repeatedly, each after the previous answer. */
    private static final class Pinger implements ConnectionHandler, SentHandler {
        private final ByteBuffer message;
        private int awaited;
        private int answered;
        private final boolean reports;
        private int sent;
        private Connection connection;

        Pinger(int bytes, boolean reports) {
            message = ByteBuffer.allocateDirect(bytes);
            this.reports = reports;
        }

        void send() {
            awaited = message.capacity();
            if (reports) {
                connection.write(message.clear(), this);
            } else {
                connection.write(message.clear());
            }
        }

        @Override
        public void sent(Throwable failure) {
            sent++;
        }

        @Override
        public void opened(Connection by) {
            connection = by;
            send();
        }

        @Override
        public void received(Connection by, ByteBuffer data) {
            awaited -= data.remaining();
            if (awaited == 0) {
                answered++;
                send();
            }
        }
    }

    /** Answers with the same bytes. */
    private static final class Echo implements ConnectionHandler {
        @Override
        public void received(Connection connection, ByteBuffer data) {
            connection.write(data);
        }
    }

    @Test
    void smallMessageIsEchoedWithoutAllocation() throws IOException {
        // With NIO, the JDK itself allocates an iterator for each select.
        assumeFalse(provider.name().equals("select"), "the JDK's selector allocates");
        assertThat(allocatedPerMessage(100, false, 1)).isLessThan(1);
    }

    @Test
    void reportedMessageIsEchoedWithoutAllocation() throws IOException {
        assumeFalse(provider.name().equals("select"), "the JDK's selector allocates");
        assertThat(allocatedPerMessage(100, true, 1)).isLessThan(1);
    }

    /** Larger than the kernel takes at once, so it uses the queue and OUT. */
    @Test
    void largeMessageIsEchoedWithoutAllocation() throws IOException {
        assumeFalse(provider.name().equals("select"), "the JDK's selector allocates");
        assertThat(allocatedPerMessage(3 << 20, false, 300)).isLessThan(300);
    }

    /**
     * Returns the average number of bytes that this thread allocates per message. Repeats the
     * measurement while it is not below a limit, because the compiler may need long.
     */
    private double allocatedPerMessage(int bytes, boolean reports, double limit)
            throws IOException {
        ConnectionOptions options =
                ConnectionOptions.builder()
                        .idleTimeout(Duration.ofMinutes(5))
                        .writeTimeout(Duration.ofMinutes(5))
                        .build();
        Pinger pinger = new Pinger(bytes, reports);
        var address = serve(options, Echo::new);
        Connector.connect(loop, List.of(address), options, pinger);
        int messages = Math.min(MESSAGES, (100 << 20) / bytes);
        double least = Double.MAX_VALUE;
        long start = System.nanoTime();
        while (least >= limit && System.nanoTime() - start < PATIENCE_NANOS) {
            int end = pinger.answered + messages;
            long before = THREADS.getCurrentThreadAllocatedBytes();
            while (pinger.answered < end) {
                loop.runOnce(-1);
            }
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            least = Math.min(least, (double) allocated / messages);
        }
        assertThat(pinger.sent).isEqualTo(reports ? pinger.answered : 0);
        pinger.connection.abort();
        runUntil(() -> loop.toString().contains("descriptors=1"));
        return least;
    }
}
