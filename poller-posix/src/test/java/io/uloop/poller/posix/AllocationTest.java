package io.uloop.poller.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AllocationTest extends DescriptorsTest {
    private static final int CALLS = 100_000;
    private static final long TOLERATED_BYTES = 1000; // of all calls: less than one object for each
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir private Path directory;

    AllocationTest(boolean linux) {
        super(linux);
    }

    interface Call {
        void make() throws IOException;
    }

    private static void assertAllocatesNothing(Call call) throws IOException {
        long bytes = Long.MAX_VALUE;
        for (int round = 0; round < 5 && bytes > TOLERATED_BYTES; round++) {
            bytes = allocatedBytes(call); // the compiler may be at work in the first ones
        }
        assertThat(bytes).isLessThanOrEqualTo(TOLERATED_BYTES);
    }

    private static long allocatedBytes(Call call) throws IOException {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < CALLS; i++) {
            call.make();
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void allocationsAreSeenByTheMeasurement() throws IOException {
        Object[] kept = new Object[1];
        assertThat(allocatedBytes(() -> kept[0] = new Object())).isGreaterThan(CALLS);
    }

    @Test
    void heapBuffersMoveWithoutAllocation() throws IOException {
        moves(ByteBuffer.allocate(100), ByteBuffer.allocate(100));
    }

    @Test
    void directBuffersMoveWithoutAllocation() throws IOException {
        moves(ByteBuffer.allocateDirect(100), ByteBuffer.allocateDirect(100));
    }

    private void moves(ByteBuffer source, ByteBuffer target) throws IOException {
        int[] ends = track(descriptors.socketPair());
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

    @Test
    void waitingIsWithoutAllocation() throws IOException {
        int[] ends = track(descriptors.socketPair());
        ByteBuffer target = ByteBuffer.allocate(1);
        assertAllocatesNothing(() -> descriptors.read(ends[0], target));
        int listener = track(descriptors.openListener(StandardProtocolFamily.INET));
        descriptors.listen(listener, Loopback.IPV4, 1);
        assertAllocatesNothing(() -> descriptors.accept(listener));
        assertThat(descriptors.accept(listener)).isEqualTo(Descriptors.NONE);
    }

    @Test
    void endOfTheStreamIsWithoutAllocation() throws IOException {
        int[] ends = track(descriptors.socketPair());
        close(ends[1]);
        ByteBuffer target = ByteBuffer.allocate(1);
        assertAllocatesNothing(() -> descriptors.read(ends[0], target));
    }

    @Test
    void acceptIsWithoutAllocation() throws IOException {
        assumeTrue(
                linux, "elsewhere accept needs fcntl(2), for which JNR allocates: it is variadic");
        int rounds = 2000;
        int listener = track(descriptors.openListener(StandardProtocolFamily.UNIX));
        SocketAddress local = UnixDomainSocketAddress.of(directory.resolve("listener"));
        descriptors.listen(listener, local, 1);
        long bytes = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 5 && bytes > TOLERATED_BYTES; attempt++) {
            bytes = 0;
            for (int i = 0; i < rounds; i++) {
                int client = descriptors.openStream(StandardProtocolFamily.UNIX);
                descriptors.connect(client, local);
                long before = THREADS.getCurrentThreadAllocatedBytes();
                int server = descriptors.accept(listener);
                bytes += THREADS.getCurrentThreadAllocatedBytes() - before;
                descriptors.close(server);
                descriptors.close(client);
            }
        }
        assertThat(bytes).isLessThanOrEqualTo(TOLERATED_BYTES);
    }
}
