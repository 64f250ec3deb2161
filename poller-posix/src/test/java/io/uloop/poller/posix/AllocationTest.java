package io.uloop.poller.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramBatch;
import io.uloop.poller.DatagramInfo;
import io.uloop.poller.Descriptors;
import io.uloop.poller.KernelSocketOptions;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.NativeAccess;
import io.uloop.poller.tck.Ends;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Measures compiled code. The calls of {@code java.lang.foreign} allocate until the optimizing
 * compiler has compiled them, so this module's tests run with it.
 */
final class AllocationTest extends DescriptorsTest {
    private static final int CALLS = 100_000;
    private static final int UNUSED = 1 << 20; // above the limit of descriptors
    private static final long TOLERATED_BYTES = 1000; // in total: less than one object per call
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final StandardProtocolFamily[] INTERNET = {
        StandardProtocolFamily.INET, StandardProtocolFamily.INET6
    };
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir private Path directory;

    AllocationTest(boolean linux) {
        super(linux);
    }

    interface Call {
        void make() throws IOException;
    }

    private static void assertAllocatesNothing(Call call) throws IOException {
        assertAllocatesNothing(CALLS, call);
    }

    private static void assertAllocatesNothing(int calls, Call call) throws IOException {
        assertThatRoundAllocatesNothing(() -> allocatedBytes(calls, call));
    }

    interface Round {
        long allocatedBytes() throws IOException;
    }

    /** Repeats a round until the code that it runs is compiled, which may take long. */
    private static void assertThatRoundAllocatesNothing(Round round) throws IOException {
        long start = System.nanoTime();
        long bytes;
        do {
            bytes = round.allocatedBytes();
        } while (bytes > TOLERATED_BYTES && System.nanoTime() - start < PATIENCE_NANOS);
        assertThat(bytes).isLessThanOrEqualTo(TOLERATED_BYTES);
    }

    private static long allocatedBytes(int calls, Call call) throws IOException {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < calls; i++) {
            call.make();
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void measurementDetectsAllocation() throws IOException {
        Object[] kept = new Object[1];
        assertThat(allocatedBytes(CALLS, () -> kept[0] = new Object())).isGreaterThan(CALLS);
    }

    @Test
    void heapTransfersAllocateNothing() throws IOException {
        moves(ByteBuffer.allocate(100), ByteBuffer.allocate(100));
    }

    @Test
    void directTransfersAllocateNothing() throws IOException {
        moves(ByteBuffer.allocateDirect(100), ByteBuffer.allocateDirect(100));
    }

    private void moves(ByteBuffer source, ByteBuffer target) throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        assertAllocatesNothing(
                () -> {
                    descriptors.write(ends[0], source.clear());
                    descriptors.read(ends[1], target.clear());
                });
        ByteBuffer[] sources = {source, source};
        ByteBuffer[] targets = {target, target};
        assertAllocatesNothing(
                () -> {
                    source.clear();
                    descriptors.write(ends[0], sources, 0, 1);
                    target.clear();
                    descriptors.read(ends[1], targets, 0, 1);
                });
    }

    /** The poll backend asks so at each change of an interest. */
    @Test
    void isOpenAllocatesNothing() throws IOException {
        assumeTrue(linux, "other systems have no call that is not variadic");
        PosixDescriptors posix = new PosixDescriptors(Libc.CALLS, true);
        int fd = track(Ends.of(descriptors.socketPair()))[0];
        boolean[] open = new boolean[2];
        assertAllocatesNothing(
                () -> {
                    open[0] = posix.isOpen(fd);
                    open[1] = posix.isOpen(UNUSED);
                });
        assertThat(open).containsExactly(true, false);
    }

    @Test
    void datagramsAllocateNothing() throws IOException {
        for (StandardProtocolFamily family : INTERNET) {
            int fd = boundDatagram(family);
            DatagramAddress address = new DatagramAddress(descriptors.localAddress(fd));
            ByteBuffer bytes = ByteBuffer.allocateDirect(100);
            assertAllocatesNothing(
                    CALLS / 10,
                    () -> {
                        descriptors.send(fd, bytes.clear(), address);
                        descriptors.receive(fd, bytes.clear(), address);
                    });
            assertThat(address.toSocketAddress()).isEqualTo(descriptors.localAddress(fd));
        }
    }

    @Test
    void datagramsWithInfoAllocateNothing() throws IOException {
        for (StandardProtocolFamily family : INTERNET) {
            int fd = boundDatagram(family);
            descriptors.setOption(fd, KernelSocketOptions.IP_PKTINFO, true);
            descriptors.setOption(fd, KernelSocketOptions.SO_TIMESTAMP, true);
            DatagramInfo info = new DatagramInfo();
            info.peer().set(descriptors.localAddress(fd));
            ByteBuffer bytes = ByteBuffer.allocateDirect(100);
            assertAllocatesNothing(
                    CALLS / 10,
                    () -> {
                        descriptors.send(fd, bytes.clear(), info);
                        descriptors.receive(fd, bytes.clear(), info);
                    });
            assertThat(info.local().family()).isEqualTo(family);
            assertThat(info.receivedNanos()).isPositive();
        }
    }

    @Test
    void batchesAllocateNothing() throws IOException {
        for (StandardProtocolFamily family : INTERNET) {
            int fd = boundDatagram(family);
            DatagramBatch batch = new DatagramBatch(4, 100);
            for (int slot = 0; slot < 4; slot++) {
                batch.data(slot).clear();
                batch.address(slot).set(descriptors.localAddress(fd));
            }
            batch.setSegmentBytes(1, 60);
            descriptors.setOption(fd, KernelSocketOptions.IP_PKTINFO, true);
            assertAllocatesNothing(
                    CALLS / 10,
                    () -> {
                        descriptors.send(fd, batch, 0, 4);
                        descriptors.receive(fd, batch);
                        batch.setSegmentBytes(1, 60);
                    });
            assertThat(batch.data(3).remaining()).isPositive();
        }
    }

    private int boundDatagram(StandardProtocolFamily family) throws IOException {
        int fd = track(descriptors.openDatagram(family));
        boolean inet = family == StandardProtocolFamily.INET;
        descriptors.bind(fd, inet ? Loopback.IPV4 : Loopback.IPV6);
        return fd;
    }

    @Test
    void wouldBlockAllocatesNothing() throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        ByteBuffer target = ByteBuffer.allocate(1);
        assertAllocatesNothing(() -> descriptors.read(ends[0], target));
        int listener = track(descriptors.openListener(StandardProtocolFamily.INET));
        descriptors.listen(listener, Loopback.IPV4, 1);
        assertAllocatesNothing(() -> descriptors.accept(listener));
        assertThat(descriptors.accept(listener)).isEqualTo(Descriptors.NONE);
    }

    @Test
    void endOfStreamAllocatesNothing() throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        close(ends[1]);
        ByteBuffer target = ByteBuffer.allocate(1);
        assertAllocatesNothing(() -> descriptors.read(ends[0], target));
    }

    @Test
    void acceptAllocatesNothing() throws IOException {
        assumeTrue(
                linux || NativeAccess.binding().equals("java.lang.foreign"),
                "elsewhere accept calls fcntl(2), for which JNR allocates because it is variadic");
        int listener = track(descriptors.openListener(StandardProtocolFamily.UNIX));
        SocketAddress local = UnixDomainSocketAddress.of(directory.resolve("listener"));
        descriptors.listen(listener, local, 1);
        assertThatRoundAllocatesNothing(() -> allocatedByAccepts(2000, listener, local));
    }

    private long allocatedByAccepts(int count, int listener, SocketAddress local)
            throws IOException {
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            int client = descriptors.openStream(StandardProtocolFamily.UNIX);
            descriptors.connect(client, local);
            long before = THREADS.getCurrentThreadAllocatedBytes();
            int server = descriptors.accept(listener);
            bytes += THREADS.getCurrentThreadAllocatedBytes() - before;
            descriptors.close(server);
            descriptors.close(client);
        }
        return bytes;
    }
}
