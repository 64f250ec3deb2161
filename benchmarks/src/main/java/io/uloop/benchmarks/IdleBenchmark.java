package io.uloop.benchmarks;

import io.uloop.poller.Descriptors;
import io.uloop.poller.EventSink;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Measures a poll with one ready UDP socket among many idle ones. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class IdleBenchmark {
    /** The backend. */
    @Param({"epoll", "poll", "select"})
    public String backend = "";

    /** The number of registered descriptors, of which one is ready. */
    @Param({"1", "10", "100", "1000", "10000"})
    public int registered;

    private Descriptors descriptors;
    private Poller poller;
    private int[] sockets;
    private int bits;
    private final EventSink sink = (fd, events) -> bits ^= events + fd;

    /** Opens the sockets and sends one of them a datagram that is never read. */
    @Setup
    public void open() throws IOException {
        PollerProvider provider = Pollers.provider(backend);
        descriptors = provider.descriptors();
        poller = provider.open();
        sockets = new int[registered];
        for (int i = 0; i < registered; i++) {
            sockets[i] = descriptors.openDatagram(StandardProtocolFamily.INET);
            poller.add(sockets[i], UEvent.IN);
        }
        int ready = sockets[registered / 2];
        descriptors.bind(ready, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        SocketAddress address = Objects.requireNonNull(descriptors.localAddress(ready));
        descriptors.send(ready, ByteBuffer.allocateDirect(1), address);
    }

    /** Closes the poller and the sockets. */
    @TearDown
    public void close() throws IOException {
        poller.close();
        for (int socket : sockets) {
            descriptors.close(socket);
        }
    }

    /** Polls with a timeout of 1 s, which is never reached. */
    @Benchmark
    public int poll() throws IOException {
        return poller.poll(TimeUnit.SECONDS.toNanos(1), sink) + bits;
    }
}
