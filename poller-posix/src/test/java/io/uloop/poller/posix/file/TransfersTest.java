package io.uloop.poller.posix.file;

import static io.uloop.poller.posix.Failures.assertFails;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.uloop.poller.Errno;
import io.uloop.poller.posix.DescriptorsTest;
import io.uloop.poller.posix.Loopback;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.tck.Ends;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TransfersTest extends DescriptorsTest {
    private static final int BIG = 5 * Scratch.MAX_STAGING_BYTES + 123;

    private int near;
    private int far;

    TransfersTest(boolean linux) {
        super(linux);
    }

    /** The kinds of buffers. Each has bytes around its accessible range. */
    enum Kind {
        HEAP {
            @Override
            ByteBuffer around(int bytes) {
                return ByteBuffer.allocate(bytes);
            }
        },
        HEAP_SLICE {
            @Override
            ByteBuffer around(int bytes) {
                return ByteBuffer.allocate(bytes + 5).slice(5, bytes);
            }
        },
        DIRECT {
            @Override
            ByteBuffer around(int bytes) {
                return ByteBuffer.allocateDirect(bytes);
            }
        },
        DIRECT_SLICE {
            @Override
            ByteBuffer around(int bytes) {
                return ByteBuffer.allocateDirect(bytes + 5).slice(5, bytes);
            }
        };

        abstract ByteBuffer around(int bytes);

        ByteBuffer allocate(int bytes) {
            return around(bytes + 7).position(3).limit(3 + bytes);
        }

        ByteBuffer of(String text) {
            return allocate(text.length()).put(text.getBytes(US_ASCII)).position(3);
        }
    }

    @BeforeEach
    void openPair() throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        near = ends[0];
        far = ends[1];
    }

    private static String written(ByteBuffer target) {
        byte[] bytes = new byte[target.position() - 3];
        target.get(3, bytes);
        for (int i = 0; i < 3; i++) {
            assertThat(target.get(i)).as("before").isZero();
        }
        int end = target.position();
        target.clear();
        for (int i = end; i < target.capacity(); i++) {
            assertThat(target.get(i)).as("after").isZero();
        }
        return new String(bytes, US_ASCII);
    }

    @ParameterizedTest
    @EnumSource
    void writeMovesBytesBetweenPositionAndLimit(Kind kind) throws IOException {
        ByteBuffer source = kind.of("between");
        assertThat(descriptors.write(near, source)).isEqualTo(7);
        assertThat(source.position()).isEqualTo(10);
        assertThat(read(far, 7)).isEqualTo("between");
        assertThat(descriptors.write(near, source)).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void readStartsAtThePosition(Kind kind) throws IOException {
        write(far, "filled");
        ByteBuffer target = kind.allocate(9);
        assertThat(descriptors.read(near, target)).isEqualTo(6);
        assertThat(target.position()).isEqualTo(9);
        assertThat(target.limit()).isEqualTo(12);
        assertThat(written(target)).isEqualTo("filled");
    }

    @ParameterizedTest
    @EnumSource
    void readStopsAtTheLimit(Kind kind) throws IOException {
        write(far, "too long");
        ByteBuffer target = kind.allocate(3);
        assertThat(descriptors.read(near, target)).isEqualTo(3);
        assertThat(written(target)).isEqualTo("too");
        assertThat(read(near, 5)).isEqualTo(" long");
    }

    @ParameterizedTest
    @EnumSource
    void readWithoutDataReturnsZero(Kind kind) throws IOException {
        ByteBuffer target = kind.allocate(3);
        assertThat(descriptors.read(near, target)).isZero();
        assertThat(descriptors.read(near, new ByteBuffer[] {target}, 0, 1)).isZero();
        assertThat(target.position()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void endOfStreamIsReportedEveryTime(Kind kind) throws IOException {
        close(far);
        ByteBuffer target = kind.allocate(3);
        for (int i = 0; i < 3; i++) {
            assertThat(descriptors.read(near, target)).isEqualTo(-1);
            assertThat(descriptors.read(near, new ByteBuffer[] {target}, 0, 1)).isEqualTo(-1);
        }
        assertThat(target.position()).isEqualTo(3);
    }

    @Test
    void fullBufferReadsZeroAtEndOfStream() throws IOException {
        close(far);
        assertThat(descriptors.read(near, ByteBuffer.allocate(0))).isZero();
        assertThat(descriptors.read(near, new ByteBuffer[3], 1, 0)).isZero();
        ByteBuffer[] full = {ByteBuffer.allocate(0), ByteBuffer.allocateDirect(0)};
        assertThat(descriptors.read(near, full, 0, 2)).isZero();
        assertThat(descriptors.write(near, full, 0, 2)).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void shortWriteArrivesComplete(Kind kind) throws IOException {
        byte[] data = new byte[BIG];
        new Random(1).nextBytes(data);
        ByteBuffer source = kind.allocate(BIG).put(data).position(3);
        ByteBuffer target = kind.allocate(BIG);
        boolean wasFull = false;
        while (target.hasRemaining()) {
            int before = source.position();
            int sent;
            while ((sent = descriptors.write(near, source)) > 0) {
                assertThat(source.position()).isEqualTo(before += sent);
            }
            wasFull |= source.hasRemaining();
            while (descriptors.read(far, target) > 0) {
                // there may be more
            }
        }
        assertThat(wasFull).as("the socket held everything at once").isTrue();
        byte[] arrived = new byte[BIG];
        target.get(3, arrived);
        assertThat(Arrays.equals(arrived, data)).isTrue();
    }

    @Test
    void readOnlySourceIsWritten() throws IOException {
        assertThat(descriptors.write(near, Kind.HEAP.of("heap").asReadOnlyBuffer())).isEqualTo(4);
        assertThat(descriptors.write(near, Kind.DIRECT.of("off").asReadOnlyBuffer())).isEqualTo(3);
        ByteBuffer[] two = {
            Kind.HEAP.of("one").asReadOnlyBuffer(), Kind.DIRECT.of("two").asReadOnlyBuffer()
        };
        assertThat(descriptors.write(near, two, 0, 2)).isEqualTo(6);
        assertThat(read(far, 13)).isEqualTo("heapoffonetwo");
    }

    @ParameterizedTest
    @EnumSource
    void readOnlyTargetIsRejectedBeforeTheRead(Kind kind) throws IOException {
        write(far, "kept");
        ByteBuffer readOnly = kind.allocate(4).asReadOnlyBuffer();
        assertThatIllegalArgumentException().isThrownBy(() -> descriptors.read(near, readOnly));
        ByteBuffer[] two = {ByteBuffer.allocate(2), readOnly};
        assertThatIllegalArgumentException().isThrownBy(() -> descriptors.read(near, two, 0, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> descriptors.receive(near, readOnly));
        assertThat(read(near, 4)).isEqualTo("kept");
    }

    @Test
    void severalBuffersMoveInOrder() throws IOException {
        ByteBuffer[] sources = {
            Kind.HEAP.of("never"),
            Kind.HEAP.of("ab"),
            ByteBuffer.allocate(0),
            Kind.DIRECT.of("cde"),
            Kind.HEAP_SLICE.of("f"),
            Kind.DIRECT_SLICE.of("gh"),
            Kind.HEAP.of("never"),
        };
        assertThat(descriptors.write(near, sources, 1, 5)).isEqualTo(8);
        for (int i = 0; i < sources.length; i++) {
            assertThat(sources[i].hasRemaining()).isEqualTo(i == 0 || i == 6);
        }
        ByteBuffer[] targets = {
            Kind.DIRECT.allocate(1),
            Kind.HEAP.allocate(2),
            ByteBuffer.allocate(0),
            Kind.HEAP_SLICE.allocate(2),
            Kind.DIRECT_SLICE.allocate(2),
            Kind.HEAP.allocate(9),
            Kind.DIRECT.allocate(9),
        };
        assertThat(descriptors.read(far, targets, 0, 7)).isEqualTo(8);
        assertThat(written(targets[0])).isEqualTo("a");
        assertThat(written(targets[1])).isEqualTo("bc");
        assertThat(written(targets[3])).isEqualTo("de");
        assertThat(written(targets[4])).isEqualTo("fg");
        assertThat(written(targets[5])).isEqualTo("h");
        assertThat(written(targets[6])).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void tooManyBuffersMoveInSeveralCalls(Kind kind) throws IOException {
        int count = 2 * Scratch.MAX_VECTORS + 100;
        ByteBuffer[] sources = new ByteBuffer[count];
        ByteBuffer[] targets = new ByteBuffer[count];
        for (int i = 0; i < count; i++) {
            sources[i] = kind.allocate(1).put((byte) i).position(3);
            targets[i] = kind.allocate(1);
        }
        int sent = 0;
        int arrived = 0;
        while (arrived < count) {
            sent += (int) descriptors.write(near, sources, sent, count - sent);
            arrived += (int) descriptors.read(far, targets, arrived, count - arrived);
        }
        for (int i = 0; i < count; i++) {
            assertThat(targets[i].get(3)).isEqualTo((byte) i);
        }
    }

    @ParameterizedTest
    @EnumSource
    void largeBuffersMoveInSeveralCalls(Kind kind) throws IOException {
        byte[] data = new byte[BIG];
        new Random(2).nextBytes(data);
        ByteBuffer[] sources = parts(kind, data.length);
        int at = 0;
        for (ByteBuffer source : sources) {
            int start = source.position();
            int count = source.remaining();
            source.put(data, at, count).position(start);
            at += count;
        }
        ByteBuffer[] targets = parts(kind == Kind.HEAP ? Kind.DIRECT : Kind.HEAP, data.length);
        long arrived = 0;
        while (arrived < data.length) {
            descriptors.write(near, sources, 0, sources.length);
            arrived += descriptors.read(far, targets, 0, targets.length);
        }
        ByteBuffer all = ByteBuffer.allocate(data.length);
        for (ByteBuffer target : targets) {
            assertThat(target.hasRemaining()).isFalse();
            all.put(target.position(3));
        }
        assertThat(Arrays.equals(all.array(), data)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void repeatedBufferIsWrittenTwice(Kind kind) throws IOException {
        ByteBuffer line = kind.of("\r\n");
        ByteBuffer outside = kind.of("outside");
        ByteBuffer[] sources = {outside, kind.of("head"), line, kind.of("body"), line, outside};
        assertThat(descriptors.write(near, sources, 1, 4)).isEqualTo(12);
        assertThat(read(far, 12)).isEqualTo("head\r\nbody\r\n");
        assertThat(line.position()).isEqualTo(5);
        assertThat(outside.position()).isEqualTo(3);
        assertThat(line.position(3).limit()).isEqualTo(5);
        ByteBuffer[] only = {line, line, line};
        assertThat(descriptors.write(near, only, 0, 3)).isEqualTo(6);
        assertThat(read(far, 6)).isEqualTo("\r\n\r\n\r\n");
        assertThat(descriptors.write(near, only, 0, 3)).isZero();
    }

    /**
     * As with JDK channels, every occurrence of a buffer has the range from the start of the call.
     */
    @ParameterizedTest
    @EnumSource
    void repeatedBufferIsReadTwice(Kind kind) throws IOException {
        write(far, "abcd");
        ByteBuffer twice = kind.allocate(3);
        ByteBuffer outside = kind.allocate(3);
        ByteBuffer[] targets = {twice, twice, outside};
        assertThat(descriptors.read(near, targets, 0, 2)).isEqualTo(4);
        assertThat(twice.position()).isEqualTo(4);
        assertThat(twice.get(3)).isEqualTo((byte) 'd');
        assertThat(outside.position()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void repeatedBufferAdvancesByTheBytesMoved(Kind kind) throws IOException {
        ByteBuffer large = kind.allocate(BIG);
        ByteBuffer small = kind.of("12");
        ByteBuffer[] sources = {small, large, small, large, small, small};
        long sent = descriptors.write(near, sources, 0, 6);
        assertThat(sent).isGreaterThan(2).isLessThan(BIG); // less than the socket holds
        assertThat(small.position()).isEqualTo(5);
        ByteBuffer all = ByteBuffer.allocate(2 * BIG);
        await().until(() -> descriptors.read(far, all) == 0 && all.position() == sent);
        assertThat(large.position()).isEqualTo(3 + (int) Math.min(BIG, sent - 2));
    }

    @ParameterizedTest
    @EnumSource
    void repeatedBufferIsWrittenInEachCall(Kind kind) throws IOException {
        ByteBuffer[] sources = new ByteBuffer[3 * Scratch.MAX_VECTORS];
        Arrays.fill(sources, kind.of("ab"));
        assertThat(descriptors.write(near, sources, 0, sources.length))
                .isEqualTo(2L * sources.length);
        assertThat(read(far, 2 * sources.length)).isEqualTo("ab".repeat(sources.length));
    }

    private static ByteBuffer[] parts(Kind kind, int bytes) {
        int half = bytes / 2;
        return new ByteBuffer[] {
            kind.allocate(1000), kind.allocate(half), kind.allocate(bytes - half - 1000)
        };
    }

    @Test
    void indicesOutsideTheArrayAreRejected() {
        ByteBuffer[] two = {ByteBuffer.allocate(1), ByteBuffer.allocate(1)};
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> descriptors.read(near, two, 1, 2));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> descriptors.write(near, two, -1, 1));
    }

    @Test
    void emptyDatagramIsNotEndOfStream() throws IOException {
        int receiver = track(descriptors.openDatagram(StandardProtocolFamily.INET));
        int sender = track(descriptors.openDatagram(StandardProtocolFamily.INET));
        descriptors.bind(receiver, Loopback.IPV4);
        descriptors.send(sender, ByteBuffer.allocate(0), descriptors.localAddress(receiver));
        ByteBuffer target = ByteBuffer.allocate(1);
        assertThat(descriptors.read(receiver, target)).isZero();
        descriptors.send(sender, ByteBuffer.allocate(0), descriptors.localAddress(receiver));
        assertThat(descriptors.read(receiver, new ByteBuffer[] {target}, 0, 1)).isZero();
    }

    @Test
    void writeWithoutReaderFailsWithEpipe() throws IOException {
        int[] ends = track(Ends.of(descriptors.pipe()));
        write(ends[1], "x");
        assertThat(read(ends[0], 1)).isEqualTo("x");
        close(ends[0]);
        assertFails(Errno.EPIPE, () -> descriptors.write(ends[1], ByteBuffer.allocate(1)));
        assertFails(
                Errno.EPIPE,
                () -> descriptors.write(ends[1], new ByteBuffer[] {ByteBuffer.allocate(1)}, 0, 1));
    }

    @Test
    void pipeEndsWithItsLastWriter() throws IOException {
        int[] ends = track(Ends.of(descriptors.pipe()));
        int second = track(descriptors.dup(ends[1]));
        close(ends[1]);
        assertThat(descriptors.read(ends[0], ByteBuffer.allocate(1))).isZero();
        close(second);
        assertThat(descriptors.read(ends[0], ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @Test
    void wrongDirectionOfPipeFails() throws IOException {
        int[] ends = track(Ends.of(descriptors.pipe()));
        assertFails(Errno.EBADF, () -> descriptors.write(ends[0], ByteBuffer.allocate(1)));
        assertFails(Errno.EBADF, () -> descriptors.read(ends[1], ByteBuffer.allocate(1)));
    }
}
