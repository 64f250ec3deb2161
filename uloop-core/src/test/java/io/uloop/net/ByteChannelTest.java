package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.EachBackend;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ScatteringByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every kind of stream implements the contracts of {@link ByteChannel}, {@link
 * GatheringByteChannel} and {@link ScatteringByteChannel}.
 */
class ByteChannelTest extends EachBackend {
    private static final long TEN_MILLIS = 10_000_000;

    /** Buffers with and without an offset into their memory. */
    private static final List<IntFunction<ByteBuffer>> KINDS =
            List.of(
                    ByteBuffer::allocate,
                    ByteBuffer::allocateDirect,
                    size -> ByteBuffer.allocate(size + 9).position(5).slice().limit(size),
                    size -> ByteBuffer.allocateDirect(size + 9).position(5).slice().limit(size));

    /** A connected pair of channels: one to write to and one to read from. */
    private record Way(LoopChannel in, LoopChannel out) {
        ByteChannel sink() {
            return (ByteChannel) in;
        }

        GatheringByteChannel gatherer() {
            return (GatheringByteChannel) in;
        }

        ByteChannel source() {
            return (ByteChannel) out;
        }

        ScatteringByteChannel scatterer() {
            return (ScatteringByteChannel) out;
        }

        boolean isPipe() {
            return in instanceof PipeChannel;
        }
    }

    @TempDir private Path directory;
    private final List<Way> ways = new ArrayList<>();

    @BeforeEach
    void openWays() throws IOException {
        TcpChannel[] tcp = connection();
        ways.add(new Way(tcp[0], tcp[1]));
        ways.add(new Way(tcp[1], tcp[0]));
        UnixListener listener =
                closing(
                        UnixListener.open(
                                loop, UnixDomainSocketAddress.of(directory.resolve("socket"))));
        UnixChannel client = closing(UnixChannel.connect(loop, listener.getLocalAddress()));
        UnixChannel server = closing(listener.accept());
        ways.add(new Way(client, server));
        ways.add(new Way(server, client));
        PipeChannel.Ends pipe = PipeChannel.open(loop);
        ways.add(new Way(closing(pipe.sink()), closing(pipe.source())));
    }

    /** Reads until a buffer is full. */
    private void fill(Way way, ByteBuffer target) throws IOException {
        runUntil(
                () -> {
                    int before = target.position();
                    int count = way.source().read(target);
                    assertThat(target.position() - before).isEqualTo(count);
                    return !target.hasRemaining();
                });
    }

    @Test
    void positionAdvancesAndOtherBytesStay() throws IOException {
        for (Way way : ways) {
            for (IntFunction<ByteBuffer> kind : KINDS) {
                ByteBuffer source = kind.apply(10).put(bytes("..middle..")).position(2).limit(8);
                assertThat(way.sink().write(source)).isEqualTo(6);
                assertThat(source.position()).isEqualTo(8);
                assertThat(source.limit()).isEqualTo(8);
                ByteBuffer target = kind.apply(10).put(bytes("##########")).position(3).limit(9);
                fill(way, target);
                assertThat(target.position()).isEqualTo(9);
                assertThat(target.limit()).isEqualTo(9);
                assertThat(text(target.position(0).limit(10).position(10))).isEqualTo("###middle#");
            }
        }
    }

    @Test
    void gatheringAndScatteringSkipEmptyBuffers() throws IOException {
        for (Way way : ways) {
            for (IntFunction<ByteBuffer> kind : KINDS) {
                ByteBuffer none = ByteBuffer.allocate(0);
                ByteBuffer first = kind.apply(3).put(bytes("abc")).flip();
                ByteBuffer second = ByteBuffer.allocateDirect(2).put(bytes("de")).flip();
                ByteBuffer[] sources = {none, first, none, second, none};
                assertThat(way.gatherer().write(sources)).isEqualTo(5);
                assertThat(first.hasRemaining() || second.hasRemaining()).isFalse();
                awaitInput(way);
                ByteBuffer start = ByteBuffer.allocateDirect(1);
                ByteBuffer rest = kind.apply(6);
                assertThat(way.scatterer().read(new ByteBuffer[] {none, start, none, rest}))
                        .isEqualTo(5);
                assertThat(text(start) + '|' + text(rest)).isEqualTo("a|bcde");
            }
        }
    }

    /** Each occurrence gets the bytes that are its own, and the last one stays. */
    @Test
    void scatteringIntoTheSameBufferTwiceLosesNothing() throws IOException {
        for (Way way : ways) {
            for (IntFunction<ByteBuffer> kind : KINDS) {
                for (int length : new int[] {4, 2000}) { // NIO takes 1024 at a time
                    way.sink().write(bytes("abcdefghij"));
                    awaitInput(way);
                    ByteBuffer twice = kind.apply(4).position(1);
                    ByteBuffer other = kind.apply(3);
                    ByteBuffer[] targets = new ByteBuffer[length];
                    Arrays.fill(targets, ByteBuffer.allocate(0));
                    targets[0] = twice;
                    targets[1] = other;
                    targets[length - 2] = twice;
                    targets[length - 1] = other;
                    assertThat(way.scatterer().read(targets)).isEqualTo(10);
                    assertThat(text(twice).substring(1) + '|' + text(other)).isEqualTo("ghi|j");
                    assertThat(other.get(1)).isEqualTo((byte) 'e');
                    assertThat(way.source().read(ByteBuffer.allocate(1))).isZero();
                }
            }
        }
    }

    private void awaitInput(Way way) throws IOException {
        boolean[] readable = new boolean[1];
        way.out.register(UEvent.IN, (fd, events) -> readable[0] = true);
        runUntil(() -> readable[0]);
        way.out.unregister();
    }

    @Test
    void emptyBuffersMoveNothing() throws IOException {
        ByteBuffer none = ByteBuffer.allocate(0);
        for (Way way : ways) {
            assertThat(way.sink().write(none)).isZero();
            assertThat(way.gatherer().write(new ByteBuffer[] {none, none})).isZero();
            assertThat(way.gatherer().write(new ByteBuffer[0])).isZero();
            way.sink().write(bytes("x"));
            awaitInput(way);
            assertThat(way.source().read(none)).isZero();
            assertThat(way.scatterer().read(new ByteBuffer[] {none, none})).isZero();
            assertThat(way.scatterer().read(new ByteBuffer[3], 2, 0)).isZero();
            assertThat(way.source().read(ByteBuffer.allocate(2))).isEqualTo(1);
        }
    }

    @Test
    void readOnlyBufferIsWrittenButRejectedByRead() throws IOException {
        for (Way way : ways) {
            for (IntFunction<ByteBuffer> kind : KINDS) {
                ByteBuffer source = kind.apply(4).put(bytes("kept")).flip().asReadOnlyBuffer();
                assertThat(way.sink().write(source)).isEqualTo(4);
                assertThat(source.hasRemaining()).isFalse();
                awaitInput(way);
                ByteBuffer readOnly = kind.apply(4).asReadOnlyBuffer();
                assertThatIllegalArgumentException().isThrownBy(() -> way.source().read(readOnly));
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> way.scatterer().read(new ByteBuffer[] {readOnly}));
                assertThat(readOnly.position()).isZero();
                ByteBuffer target = ByteBuffer.allocate(4);
                fill(way, target);
                assertThat(text(target)).isEqualTo("kept");
            }
        }
    }

    @Test
    void nullBufferIsRejected() {
        ByteBuffer[] holed = {bytes("x"), null};
        for (Way way : ways) {
            assertThatNullPointerException().isThrownBy(() -> way.source().read(null));
            assertThatNullPointerException().isThrownBy(() -> way.sink().write(null));
            assertThatNullPointerException().isThrownBy(() -> way.scatterer().read(null, 0, 0));
            assertThatNullPointerException().isThrownBy(() -> way.gatherer().write(null, 0, 0));
            assertThatNullPointerException().isThrownBy(() -> way.scatterer().read(holed));
            assertThatNullPointerException().isThrownBy(() -> way.gatherer().write(holed));
            assertThat(holed[0].position()).isZero();
        }
    }

    @Test
    void indicesOutsideTheArrayAreRejected() {
        ByteBuffer[] two = {bytes("ab"), bytes("cd")};
        int[][] wrong = {{-1, 1}, {0, 3}, {1, 2}, {2, 1}, {3, 0}, {0, -1}, {1, Integer.MAX_VALUE}};
        for (Way way : ways) {
            for (int[] range : wrong) {
                assertThatThrownBy(() -> way.gatherer().write(two, range[0], range[1]))
                        .isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> way.scatterer().read(two, range[0], range[1]))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
            assertThat(two[0].position() + two[1].position()).isZero();
        }
    }

    @Test
    void moreBuffersThanIovMaxMoveInParts() throws IOException {
        ByteBuffer[] sources = new ByteBuffer[3000];
        for (Way way : ways) {
            for (int i = 0; i < sources.length; i++) {
                sources[i] = bytes(String.valueOf((char) ('a' + i % 26)));
            }
            int moved = 0;
            while (moved < sources.length) {
                moved += (int) way.gatherer().write(sources, moved, sources.length - moved);
            }
            ByteBuffer[] targets = new ByteBuffer[sources.length];
            for (int i = 0; i < targets.length; i++) {
                targets[i] = ByteBuffer.allocate(1);
            }
            int[] count = new int[1];
            runUntil(
                    () -> {
                        int left = targets.length - count[0];
                        count[0] += (int) way.scatterer().read(targets, count[0], left);
                        return count[0] == targets.length;
                    });
            for (int i = 0; i < targets.length; i++) {
                assertThat(targets[i].get(0)).isEqualTo((byte) ('a' + i % 26));
            }
        }
    }

    @Test
    void endOfStreamIsReportedEveryTime() throws IOException {
        for (Way way : ways) {
            way.sink().write(bytes("last"));
            if (way.in instanceof StreamChannel stream) {
                stream.shutdownOutput();
            } else {
                way.in.close();
            }
            ByteBuffer target = ByteBuffer.allocate(16);
            runUntil(() -> way.source().read(target) < 0);
            assertThat(text(target)).isEqualTo("last");
            for (int i = 0; i < 3; i++) {
                assertThat(way.source().read(target)).isEqualTo(-1);
                assertThat(way.source().read(ByteBuffer.allocateDirect(4))).isEqualTo(-1);
                assertThat(way.scatterer().read(new ByteBuffer[] {target})).isEqualTo(-1);
            }
            assertThat(target.position()).isEqualTo(4);
        }
    }

    @Test
    void readAfterShutdownInputReturnsMinusOne() throws IOException {
        for (Way way : ways) {
            if (!(way.out instanceof StreamChannel shut)) {
                continue;
            }
            way.sink().write(bytes("before"));
            awaitInput(way);
            shut.shutdownInput();
            ByteBuffer target = ByteBuffer.allocate(16);
            for (int i = 0; i < 3; i++) {
                assertThat(shut.read(target)).as("%s", shut).isEqualTo(-1);
                assertThat(shut.read(new ByteBuffer[] {target})).isEqualTo(-1);
                if (shut instanceof TcpChannel) { // a unix-domain peer gets EPIPE
                    assertThat(way.sink().write(bytes("after"))).isEqualTo(5);
                }
                loop.runOnce(TEN_MILLIS);
            }
            assertThat(target.position()).isZero();
            shut.shutdownInput();
        }
        for (Way way : ways) {
            way.out.close();
            assertClosed(() -> way.source().read(ByteBuffer.allocate(1)));
        }
    }

    @Test
    void wrongDirectionOfPipeThrows() throws IOException {
        for (Way way : ways) {
            if (way.isPipe()) {
                ByteChannel onlyRead = way.source();
                ByteChannel onlyWritten = way.sink();
                assertThatThrownBy(() -> onlyRead.write(bytes("x")))
                        .isInstanceOf(NonWritableChannelException.class);
                assertThatThrownBy(
                                () ->
                                        ((GatheringByteChannel) onlyRead)
                                                .write(new ByteBuffer[] {bytes("x")}))
                        .isInstanceOf(NonWritableChannelException.class);
                assertThatThrownBy(() -> onlyWritten.read(ByteBuffer.allocate(1)))
                        .isInstanceOf(NonReadableChannelException.class);
                assertThatThrownBy(
                                () ->
                                        ((ScatteringByteChannel) onlyWritten)
                                                .read(new ByteBuffer[] {ByteBuffer.allocate(1)}))
                        .isInstanceOf(NonReadableChannelException.class);
                assertThat(onlyRead.isOpen() && onlyWritten.isOpen()).isTrue();
            }
        }
    }

    @Test
    void closedChannelThrowsOnEveryTransfer() throws IOException {
        ByteBuffer none = ByteBuffer.allocate(0);
        ByteBuffer some = ByteBuffer.allocate(4);
        for (Way way : ways) {
            way.in.close();
            way.in.close();
            way.out.close();
            for (ByteBuffer buffer : List.of(none, some)) {
                ByteBuffer[] array = {buffer};
                assertClosed(() -> way.source().read(buffer));
                assertClosed(() -> way.scatterer().read(array));
                assertClosed(() -> way.scatterer().read(array, 0, 0));
                assertClosed(() -> way.sink().write(buffer));
                assertClosed(() -> way.gatherer().write(array));
                assertClosed(() -> way.gatherer().write(array, 0, 0));
                // including the direction that it never had
                assertClosed(() -> ((ByteChannel) way.out).write(buffer));
                assertClosed(() -> ((ByteChannel) way.in).read(buffer));
            }
            assertThat(some.position()).isZero();
        }
    }

    private static void assertClosed(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable operation) {
        assertThatThrownBy(operation).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void handlerMayCloseChannelsOfTheSameTurnRepeatedly() throws IOException {
        for (Way way : ways) {
            way.sink().write(bytes("x"));
        }
        int[] calls = new int[1];
        for (Way way : ways) {
            way.out.register(
                    UEvent.IN,
                    (fd, events) -> {
                        calls[0]++;
                        assertThat(way.out.isOpen()).isTrue();
                        for (int i = 0; i < 2; i++) {
                            for (Way each : ways) {
                                each.out.close();
                                each.in.close();
                            }
                        }
                        assertThatThrownBy(() -> way.source().read(ByteBuffer.allocate(1)))
                                .isInstanceOf(ClosedChannelException.class);
                    });
        }
        runUntil(() -> calls[0] > 0);
        loop.runOnce(0);
        assertThat(calls[0]).isEqualTo(1);
        assertThat(loop.toString()).contains("descriptors=0");
    }
}
