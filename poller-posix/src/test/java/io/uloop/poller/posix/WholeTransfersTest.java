package io.uloop.poller.posix;

import static io.uloop.poller.posix.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.DatagramAddress;
import io.uloop.poller.Errno;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.file.SocketType;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.tck.Ends;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import jnr.constants.platform.AddressFamily;
import jnr.constants.platform.Fcntl;
import jnr.constants.platform.OpenFlags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Counts are short only if the kernel's are, for every kind and number of buffers. */
final class WholeTransfersTest extends DescriptorsTest {
    private static final int SEQPACKET = 5;
    private static final int LARGE = 2 * Scratch.MAX_STAGING_BYTES + 1000;
    private static final int HUGE_PIPE = 1 << 20;
    private static final int F_SETPIPE_SZ = 1031;

    @TempDir private Path directory;

    WholeTransfersTest(boolean linux) {
        super(linux);
    }

    private static byte[] random(int bytes) {
        byte[] data = new byte[bytes];
        new Random(bytes).nextBytes(data);
        return data;
    }

    /** Opens a pipe that holds {@link #HUGE_PIPE} bytes. */
    private int[] largePipe() throws IOException {
        assumeTrue(Linux.HERE, "only Linux can set the size of a pipe");
        int[] ends = track(Ends.of(descriptors.pipe()));
        int size = Libc.CALLS.fcntl(ends[1], F_SETPIPE_SZ, HUGE_PIPE);
        assumeTrue(size >= HUGE_PIPE, "the system does not allow a pipe of 1 MiB");
        return ends;
    }

    private static ByteBuffer[] split(ByteBuffer whole, int pieces) {
        ByteBuffer[] buffers = new ByteBuffer[pieces];
        int from = 0;
        for (int i = 0; i < pieces; i++) {
            int to = (int) ((long) whole.capacity() * (i + 1) / pieces);
            buffers[i] = whole.slice(from, to - from);
            from = to;
        }
        return buffers;
    }

    @Test
    void heapBufferIsWrittenAndReadByOneCall() throws IOException {
        int[] ends = largePipe();
        byte[] data = random(500_000);
        assertThat(descriptors.write(ends[1], ByteBuffer.wrap(data))).isEqualTo(data.length);
        ByteBuffer target = ByteBuffer.allocate(HUGE_PIPE);
        assertThat(descriptors.read(ends[0], target)).isEqualTo(data.length);
        assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(data));
        assertThat(descriptors.read(ends[0], target.clear())).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1024, 1025, 5000})
    void severalBuffersAreWrittenAndReadByOneCall(int pieces) throws IOException {
        byte[] data = random(500_000);
        for (IntFunction<ByteBuffer> kind : kinds()) {
            int[] ends = largePipe();
            ByteBuffer source = kind.apply(data.length).put(data).flip();
            assertThat(descriptors.write(ends[1], split(source, pieces), 0, pieces))
                    .isEqualTo(data.length);
            ByteBuffer target = kind.apply(data.length + pieces);
            ByteBuffer[] targets = split(target, pieces);
            assertThat(descriptors.read(ends[0], targets, 0, pieces)).isEqualTo(data.length);
            assertThat(target.limit(data.length)).isEqualTo(source);
        }
    }

    private static Iterable<IntFunction<ByteBuffer>> kinds() {
        return Arrays.asList(ByteBuffer::allocate, ByteBuffer::allocateDirect);
    }

    @Test
    void writeMoreCopiesAStreamInParts() throws IOException {
        assumeTrue(linux, "MSG_MORE");
        List<Long> asked = new ArrayList<>();
        Libc.Calls calls =
                (Libc.Calls)
                        Proxy.newProxyInstance(
                                Libc.class.getClassLoader(),
                                new Class<?>[] {Libc.Calls.class},
                                (proxy, method, arguments) -> {
                                    if (method.getName().equals("send")) {
                                        asked.add((Long) arguments[2]);
                                    }
                                    return method.invoke(Libc.CALLS, arguments);
                                });
        int[] ends = track(Ends.of(descriptors.socketPair()));
        descriptors.setOption(ends[0], StandardSocketOptions.SO_SNDBUF, HUGE_PIPE);
        byte[] data = random(LARGE);
        ByteBuffer source = ByteBuffer.wrap(data);
        int moved = new PosixDescriptors(calls, true).writeMore(ends[0], source);
        assertThat(moved).isEqualTo(source.position()).isGreaterThan(Scratch.MAX_STAGING_BYTES);
        assertThat(asked).allMatch(count -> count <= Scratch.MAX_STAGING_BYTES);
        ByteBuffer target = ByteBuffer.allocate(LARGE);
        assertThat(descriptors.read(ends[1], target)).isEqualTo(moved);
        assertThat(target.flip()).isEqualTo(source.flip());
    }

    @Test
    void peekCopiesAMessageWhole() throws IOException {
        int[] ends = track(Ends.of(descriptors.datagramPair()));
        descriptors.setOption(ends[0], StandardSocketOptions.SO_SNDBUF, HUGE_PIPE);
        byte[] data = random(100_000);
        assertThat(descriptors.write(ends[0], ByteBuffer.wrap(data))).isEqualTo(data.length);
        for (IntFunction<ByteBuffer> kind : kinds()) {
            ByteBuffer target = kind.apply(data.length + 1);
            assertThat(descriptors.peek(ends[1], target)).isEqualTo(data.length);
            assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(data));
        }
    }

    /** The next call must report end of stream or an error. */
    @Test
    void readReturnsBytesBeforeEndOfStream() throws IOException {
        int[] ends = largePipe();
        byte[] data = random(2 * Scratch.MAX_STAGING_BYTES);
        descriptors.write(ends[1], ByteBuffer.wrap(data));
        close(ends[1]);
        ByteBuffer target = ByteBuffer.allocate(HUGE_PIPE);
        assertThat(descriptors.read(ends[0], target)).isEqualTo(data.length);
        assertThat(descriptors.read(ends[0], target)).isEqualTo(-1);
        ByteBuffer[] targets = {target};
        assertThat(descriptors.read(ends[0], targets, 0, 1)).isEqualTo(-1);
    }

    @Test
    void resetAfterBytesIsReportedByALaterCall() throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        descriptors.setOption(ends[1], StandardSocketOptions.SO_SNDBUF, HUGE_PIPE);
        byte[] data = random(Scratch.MAX_STAGING_BYTES);
        assertThat(descriptors.write(ends[1], ByteBuffer.wrap(data))).isEqualTo(data.length);
        write(ends[0], "not read, so that close sends a reset");
        close(ends[1]);
        ByteBuffer target = ByteBuffer.allocate(HUGE_PIPE);
        assertThat(descriptors.read(ends[0], target)).isEqualTo(data.length);
        assertFails(Errno.ECONNRESET, () -> descriptors.read(ends[0], target));
    }

    @Test
    void writeReturnsBytesBeforeALostReader() throws IOException {
        int[] ends = largePipe();
        close(ends[0]);
        ByteBuffer source = ByteBuffer.allocate(HUGE_PIPE);
        assertFails(Errno.EPIPE, () -> descriptors.write(ends[1], source));
        assertThat(source.position()).isZero();
    }

    /** A descriptor from another program may be blocking, so the available bytes must be enough. */
    @Test
    void blockingReadReturnsAvailableBytes() throws Exception {
        int[] ends = largePipe();
        int flags = Libc.CALLS.fcntl(ends[0], Fcntl.F_GETFL.intValue(), 0);
        int blocking = flags & ~OpenFlags.O_NONBLOCK.intValue();
        assertThat(Libc.CALLS.fcntl(ends[0], Fcntl.F_SETFL.intValue(), blocking)).isZero();
        for (int bytes : new int[] {Scratch.MAX_STAGING_BYTES, 2 * Scratch.MAX_STAGING_BYTES}) {
            for (boolean scattered : new boolean[] {false, true}) {
                descriptors.write(ends[1], ByteBuffer.allocate(bytes));
                ByteBuffer target = ByteBuffer.allocate(HUGE_PIPE);
                CompletableFuture<Long> read = new CompletableFuture<>();
                Thread reader =
                        new Thread(
                                () -> {
                                    try {
                                        ByteBuffer[] targets = {target};
                                        read.complete(
                                                scattered
                                                        ? descriptors.read(ends[0], targets, 0, 1)
                                                        : (long) descriptors.read(ends[0], target));
                                    } catch (IOException e) {
                                        read.completeExceptionally(e);
                                    }
                                });
                reader.start();
                assertThat(read.get()).isEqualTo(bytes);
                reader.join();
            }
        }
    }

    /** The timer expires so often that a second read would return another number. */
    @Test
    void readOfATimerReturnsOneNumberInEveryKindOfBuffer() throws IOException {
        assumeTrue(linux, "timerfd");
        int timer = track(descriptors.timerfd());
        descriptors.setTimer(timer, 1, 100);
        for (ByteBuffer number :
                List.of(ByteBuffer.allocateDirect(100), ByteBuffer.allocate(100))) {
            await().until(() -> descriptors.read(timer, number) > 0);
            assertThat(number.position()).isEqualTo(Long.BYTES);
        }
    }

    @Test
    void inotifyEventsAreReadCompletely() throws IOException {
        assumeTrue(linux, "inotify");
        int watcher = track(descriptors.inotify());
        descriptors.watch(watcher, directory, 0x100); // IN_CREATE
        String name = "n".repeat(200);
        int files = 1000; // of 224 bytes each, which does not divide a thread's staging size
        for (int i = 0; i < files; i++) {
            Files.createFile(directory.resolve(name + i));
        }
        ByteBuffer target = ByteBuffer.allocate(1 << 20);
        int got = descriptors.read(watcher, target);
        assertThat(got).isGreaterThan(files * 220);
        assertThat(descriptors.read(watcher, ByteBuffer.allocate(1 << 20))).isZero();
    }

    private int[] messages(int type) throws IOException {
        Scratch scratch = Scratch.mine();
        long ends = scratch.address(Scratch.VALUE);
        assumeTrue(
                Libc.CALLS.socketpair(AddressFamily.AF_UNIX.intValue(), type, 0, ends) == 0,
                "this system has no such sockets");
        int[] pair = {
            scratch.block().getInt(Scratch.VALUE),
            scratch.block().getInt(Scratch.VALUE + Integer.BYTES)
        };
        for (int fd : track(pair)) {
            int flags = OpenFlags.O_NONBLOCK.intValue();
            assertThat(Libc.CALLS.fcntl(fd, Fcntl.F_SETFL.intValue(), flags)).isZero();
        }
        return pair;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void messageMovesWhole(boolean datagram) throws IOException {
        int[] ends = messages(datagram ? SocketType.DATAGRAM : SEQPACKET);
        byte[] data = random(LARGE);
        for (int pieces : new int[] {1, 2, 1100}) {
            for (IntFunction<ByteBuffer> kind : kinds()) {
                ByteBuffer[] sources = split(kind.apply(LARGE).put(data).flip(), pieces);
                long sent =
                        pieces == 1
                                ? descriptors.write(ends[0], sources[0])
                                : descriptors.write(ends[0], sources, 0, pieces);
                assertThat(sent).isEqualTo(LARGE);
                assertThat(sources[pieces - 1].hasRemaining()).isFalse();
                ByteBuffer target = kind.apply(LARGE + 5 * pieces);
                ByteBuffer[] targets = split(target, pieces);
                long received =
                        pieces == 1
                                ? descriptors.read(ends[1], targets[0])
                                : descriptors.read(ends[1], targets, 0, pieces);
                assertThat(received).isEqualTo(LARGE);
                assertThat(target.limit(LARGE)).isEqualTo(ByteBuffer.wrap(data));
            }
        }
    }

    @Test
    void tooLongMessageIsRejectedUnsplit() throws IOException {
        int[] ends = messages(SocketType.DATAGRAM);
        ByteBuffer source = ByteBuffer.allocate(8 << 20);
        assertFails(Errno.EMSGSIZE, () -> descriptors.write(ends[0], source));
        ByteBuffer[] sources = split(source, 3);
        assertFails(Errno.EMSGSIZE, () -> descriptors.write(ends[0], sources, 0, 3));
        assertThat(sources[0].position() + source.position()).isZero();
        assertThat(descriptors.read(ends[1], ByteBuffer.allocate(1))).isZero();
    }

    @Test
    void datagramOfManyBuffersMovesWhole() throws IOException {
        int receiver = track(descriptors.openDatagram(StandardProtocolFamily.INET));
        descriptors.bind(receiver, Loopback.IPV4);
        int sender = track(descriptors.openDatagram(StandardProtocolFamily.INET));
        descriptors.connect(sender, descriptors.localAddress(receiver));
        byte[] data = random(3000);
        ByteBuffer[] sources = split(ByteBuffer.wrap(data), 3000);
        assertThat(descriptors.write(sender, sources, 0, 3000)).isEqualTo(3000);
        ByteBuffer target = ByteBuffer.allocate(4000);
        ByteBuffer[] targets = split(target, 4000);
        await().until(() -> descriptors.read(receiver, targets, 0, 4000) == 3000);
        assertThat(target.limit(3000)).isEqualTo(ByteBuffer.wrap(data));
        assertThat(targets[2999].hasRemaining()).isFalse();
        assertThat(targets[3000].hasRemaining()).isTrue();
    }

    @Test
    void everyCallMovesUnixDatagramsWhole() throws IOException {
        int receiver = track(descriptors.openDatagram(StandardProtocolFamily.UNIX));
        UnixDomainSocketAddress name = UnixDomainSocketAddress.of(directory.resolve("receiver"));
        descriptors.bind(receiver, name);
        int sender = track(descriptors.openDatagram(StandardProtocolFamily.UNIX));
        byte[] data = random(LARGE);
        DatagramAddress from = new DatagramAddress();
        assertThat(descriptors.send(sender, ByteBuffer.wrap(data), name)).isEqualTo(LARGE);
        ByteBuffer target = ByteBuffer.allocate(LARGE + 1);
        assertThat(descriptors.receive(receiver, target, from)).isEqualTo(LARGE);
        assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(data));
        descriptors.connect(sender, name);
        assertThat(descriptors.write(sender, ByteBuffer.wrap(data))).isEqualTo(LARGE);
        assertThat(descriptors.read(receiver, target.clear())).isEqualTo(LARGE);
        assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(data));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, SEQPACKET})
    void descriptorsArriveWithAllBytes(int type) throws IOException {
        int[] ends = messages(type);
        byte[] data = random(LARGE);
        ByteBuffer source = ByteBuffer.wrap(data);
        assertThat(descriptors.sendDescriptors(ends[0], source, ends[0])).isEqualTo(LARGE);
        int[] passed = new int[2];
        ByteBuffer target = ByteBuffer.allocate(2 * LARGE);
        assertThat(descriptors.receiveDescriptors(ends[1], target, passed)).isPositive();
        track(passed[0]);
        while (type == 1 && target.position() < LARGE) { // the kernel splits a stream
            assertThat(descriptors.read(ends[1], target)).isPositive();
        }
        assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(data));
    }

    @Test
    void copiedFileIsNotTruncated() throws IOException {
        int[] ends = largePipe();
        byte[] data = random(500_000);
        Path path = Files.write(directory.resolve("file"), data);
        PosixDescriptors copying = new PosixDescriptors(Libc.CALLS, false);
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            assertThat(copying.transfer(file, 0, Long.MAX_VALUE, ends[1])).isEqualTo(data.length);
            assertThat(copying.transfer(file, data.length, 1, ends[1])).isEqualTo(-1);
        }
        ByteBuffer target = ByteBuffer.allocate(data.length);
        assertThat(descriptors.read(ends[0], target)).isEqualTo(data.length);
        assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(data));
    }

    @Test
    void heapAndDirectWritesFillTheSameAmount() throws IOException {
        long[] taken = new long[2];
        for (int i = 0; i < 2; i++) {
            int[] ends = track(Ends.of(descriptors.socketPair()));
            ByteBuffer source =
                    i == 0 ? ByteBuffer.allocate(4 << 20) : ByteBuffer.allocateDirect(4 << 20);
            taken[i] = descriptors.write(ends[0], source);
            assertThat(descriptors.write(ends[0], source)).isZero();
        }
        assertThat(taken[0]).isGreaterThan(Scratch.MAX_STAGING_BYTES);
    }
}
