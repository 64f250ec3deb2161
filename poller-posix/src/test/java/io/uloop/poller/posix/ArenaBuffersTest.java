package io.uloop.poller.posix;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.uloop.poller.DatagramAddress;
import io.uloop.poller.posix.memory.BufferAddresses;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.tck.Ends;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Buffers over memory segments, whose memory may be freed. */
final class ArenaBuffersTest extends DescriptorsTest {
    private int near;
    private int far;
    private int socket;
    private DatagramAddress own;

    ArenaBuffersTest(boolean linux) {
        super(linux);
    }

    @BeforeEach
    void openSockets() throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        near = ends[0];
        far = ends[1];
        socket = track(descriptors.openDatagram(StandardProtocolFamily.INET));
        descriptors.bind(socket, Loopback.IPV4);
        own = new DatagramAddress(descriptors.localAddress(socket));
    }

    /** Lists every operation that passes a buffer's address to the kernel. */
    private Map<String, ThrowingCallable> operations(ByteBuffer buffer) {
        ByteBuffer[] two = {ByteBuffer.allocateDirect(2), buffer};
        ByteBuffer[] many = new ByteBuffer[2000];
        Arrays.setAll(many, i -> i == 1500 ? buffer : ByteBuffer.allocate(1));
        Map<String, ThrowingCallable> operations = new LinkedHashMap<>();
        operations.put("read", () -> descriptors.read(near, buffer));
        operations.put("write", () -> descriptors.write(near, buffer));
        operations.put("readv", () -> descriptors.read(near, two, 0, 2));
        operations.put("writev", () -> descriptors.write(near, two, 0, 2));
        operations.put("readv of many", () -> descriptors.read(near, many, 0, 2000));
        operations.put("receive", () -> descriptors.receive(socket, buffer));
        operations.put("receive from", () -> descriptors.receive(socket, buffer, own));
        operations.put(
                "send", () -> descriptors.send(socket, buffer, descriptors.localAddress(socket)));
        operations.put("send to", () -> descriptors.send(socket, buffer, own));
        operations.put("pass", () -> descriptors.sendDescriptors(near, buffer, near));
        operations.put("take", () -> descriptors.receiveDescriptors(near, buffer, new int[1]));
        return operations;
    }

    private static List<ByteBuffer> views(ByteBuffer buffer) {
        return List.of(
                buffer,
                buffer.duplicate(),
                buffer.slice(2, 4),
                buffer.duplicate().position(3),
                buffer.slice().order(ByteOrder.nativeOrder()));
    }

    /** Sends data that a rejected call could have read. */
    private void offer() throws IOException {
        write(far, "stream");
        descriptors.send(socket, ByteBuffer.wrap("datagram".getBytes(US_ASCII)), own);
    }

    private void assertNothingIsLost() throws IOException {
        assertThat(read(near, 6)).isEqualTo("stream");
        ByteBuffer target = ByteBuffer.allocate(100);
        assertThat(descriptors.receive(socket, target)).isNotNull();
        assertThat(US_ASCII.decode(target.flip()).toString()).isEqualTo("datagram");
        assertThat(descriptors.read(far, ByteBuffer.allocate(1))).isZero();
        assertThat(descriptors.receive(socket, target.clear())).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ofConfined", "ofShared"})
    void closedArenaIsRejected(String factory) throws Exception {
        for (int view = 0; view < 5; view++) {
            Arena arena = Arena.open(factory);
            ByteBuffer buffer = views(arena.allocate(16)).get(view);
            write(far, "x");
            assertThat(descriptors.read(near, buffer.duplicate())).isEqualTo(1);
            arena.close();
            offer();
            int position = buffer.position();
            operations(buffer)
                    .forEach(
                            (name, operation) -> {
                                assertThatIllegalStateException()
                                        .as(name)
                                        .isThrownBy(operation)
                                        .withMessage("Already closed");
                                assertThat(buffer.position()).as(name).isEqualTo(position);
                            });
            assertNothingIsLost();
        }
    }

    @Test
    void arenaOfAnotherThreadIsRejected() throws Exception {
        AtomicReference<ByteBuffer> foreign = new AtomicReference<>();
        CountDownLatch tried = new CountDownLatch(1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (Arena probe = Arena.open("ofShared")) {
            assertThat(probe.allocate(1).isDirect()).isTrue();
        }
        CountDownLatch allocated = new CountDownLatch(1);
        Thread owner =
                new Thread(
                        () -> {
                            try (Arena arena = Arena.open("ofConfined")) {
                                foreign.set(arena.allocate(16));
                                allocated.countDown();
                                tried.await();
                            } catch (Exception e) {
                                failure.set(e);
                                allocated.countDown();
                            }
                        });
        owner.start();
        allocated.await();
        try {
            offer();
            operations(foreign.get())
                    .forEach(
                            (name, operation) ->
                                    assertThat(catchThrowable(operation).getClass().getSimpleName())
                                            .as(name)
                                            .isEqualTo("WrongThreadException"));
            assertNothingIsLost();
        } finally {
            tried.countDown();
            owner.join();
        }
        assertThat(failure.get()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ofConfined", "ofShared", "ofAuto", "global"})
    void openArenaTransfersBytes(String factory) throws Exception {
        Arena arena = Arena.open(factory);
        int bytes = 3 * Scratch.MAX_STAGING_BYTES / 2;
        ByteBuffer source = arena.allocate(bytes);
        for (int i = 0; i < bytes; i++) {
            source.put(i, (byte) i);
        }
        ByteBuffer target = arena.allocate(bytes);
        while (target.hasRemaining()) {
            descriptors.write(near, new ByteBuffer[] {source}, 0, 1);
            descriptors.read(far, target);
            descriptors.write(near, source);
            descriptors.read(far, new ByteBuffer[] {target}, 0, 1);
        }
        assertThat(target.flip()).isEqualTo(source.flip());
        descriptors.send(socket, source.limit(9), own);
        assertThat(descriptors.receive(socket, target, own)).isEqualTo(9);
        descriptors.sendDescriptors(near, source.clear().limit(5), near);
        int[] passed = new int[1];
        assertThat(descriptors.receiveDescriptors(far, target.clear(), passed)).isEqualTo(5);
        track(passed[0]);
        if (factory.startsWith("of") && !factory.equals("ofAuto")) {
            arena.close();
        }
    }

    @Test
    void lastingMemoryIsNotCopied() throws Exception {
        ByteBuffer ordinary = ByteBuffer.allocateDirect(16);
        for (ByteBuffer view : views(ordinary)) {
            assertThat(BufferAddresses.of(view)).isEqualTo(Memory.addressOf(view));
        }
        assertThat(BufferAddresses.of(ByteBuffer.allocate(1))).isEqualTo(BufferAddresses.NONE);
        for (String factory : List.of("ofAuto", "global")) {
            ByteBuffer buffer = Arena.open(factory).allocate(16);
            assertThat(BufferAddresses.of(buffer)).as(factory).isEqualTo(Memory.addressOf(buffer));
        }
        for (String factory : List.of("ofConfined", "ofShared")) {
            try (Arena arena = Arena.open(factory)) {
                for (ByteBuffer view : views(arena.allocate(16))) {
                    assertThat(BufferAddresses.of(view)).isEqualTo(BufferAddresses.NONE);
                }
            }
        }
    }

    /** A read fails or succeeds, and no other memory changes. */
    @Test
    void closingTheArenaDuringATransferCorruptsNothing() throws Exception {
        Arena.open("ofAuto");
        List<ByteBuffer> others = new ArrayList<>();
        ByteBuffer heap = ByteBuffer.allocate(4096);
        while (heap.hasRemaining()) {
            heap.put((byte) 'P');
        }
        for (int round = 0; round < 40; round++) {
            Arena arena = Arena.open("ofShared");
            ByteBuffer target = arena.allocate(4096);
            CountDownLatch started = new CountDownLatch(1);
            Thread closer =
                    new Thread(
                            () -> {
                                try {
                                    started.await();
                                    arena.close();
                                } catch (Exception e) {
                                    throw new AssertionError(e);
                                }
                            });
            closer.start();
            started.countDown();
            for (boolean open = true; open; ) {
                descriptors.write(far, heap.clear());
                try {
                    descriptors.read(near, target.clear());
                    descriptors.write(near, target.flip());
                    descriptors.read(far, heap.clear());
                } catch (IllegalStateException e) {
                    open = false;
                    // The JVM interrupts a thread when it cancels its access.
                    var unused = Thread.interrupted();
                }
            }
            closer.join();
            ByteBuffer other = Arena.open("ofAuto").allocate(4096);
            others.add(other);
            while (descriptors.read(near, heap.clear()) > 0) {
                // drains what the failed read left
            }
            while (descriptors.read(far, heap.clear()) > 0) {
                assertThat(heap.get(0)).isEqualTo((byte) 'P');
            }
        }
        for (ByteBuffer other : others) {
            for (int i = 0; i < other.capacity(); i++) {
                assertThat(other.get(i)).isZero();
            }
        }
    }
}
