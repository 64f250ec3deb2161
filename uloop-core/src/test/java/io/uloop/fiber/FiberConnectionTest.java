package io.uloop.fiber;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.net.UnixChannel;
import io.uloop.poller.NativeDescriptors;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;

/** Fibers that use connections whose handlers run on the same thread. */
class FiberConnectionTest extends EachFiber {
    /** Answers nothing. */
    private static final ConnectionHandler SILENT = (connection, data) -> {};

    /** The JDK allocates the memory for a copy of the bytes in a monitor of all threads. */
    @EachMode(FiberMode.LOOP)
    void fiberAtAMonitorInsideAWriteLetsNobodySendBefore() throws Exception {
        assumeTrue(isNative(), "copies bytes for system calls");
        Object monitor = Class.forName("jdk.internal.ref.Cleaner");
        NativeDescriptors descriptors = nativeDescriptors();
        NativeDescriptors.SocketPair ends = descriptors.socketPair();
        CountDownLatch held = new CountDownLatch(1);
        AtomicBoolean written = new AtomicBoolean();
        Thread runner = Thread.currentThread();
        Thread holder =
                new Thread(
                        () -> {
                            synchronized (monitor) {
                                held.countDown();
                                Awaitility.await()
                                        .atMost(DEADLINE)
                                        .until(
                                                () ->
                                                        written.get()
                                                                || runner.getState()
                                                                        == Thread.State.BLOCKED);
                            }
                        });
        ByteBuffer received = ByteBuffer.allocate(3);
        run(
                () -> {
                    UnixChannel channel = UnixChannel.adopt(loop, ends.first());
                    Connection connection =
                            Connection.open(channel, ConnectionOptions.DEFAULTS, SILENT);
                    connection.write(ascii("x")); // so that this fiber has its memory
                    holder.start();
                    held.await();
                    Fiber<?> writer = fibers.start("writer", () -> connection.write(ascii("a")));
                    try {
                        fibers.sleep(Duration.ofMillis(1));
                        connection.write(ascii("b"));
                    } finally {
                        written.set(true);
                    }
                    writer.join();
                    while (received.hasRemaining()) {
                        descriptors.read(ends.second(), received);
                    }
                    connection.abort();
                });
        holder.join();
        descriptors.close(ends.second());
        assertThat(new String(received.array(), US_ASCII)).isEqualTo("xab");
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(US_ASCII));
    }
}
