package io.uloop.poller.posix.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class BufferAddressesTest {
    @Test
    void manyBuffersHaveTheirOwnAddresses() {
        List<ByteBuffer> buffers = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            buffers.add(ByteBuffer.allocateDirect(16));
        }
        for (int round = 0; round < 3; round++) {
            for (ByteBuffer buffer : buffers) {
                assertThat(BufferAddresses.of(buffer)).isEqualTo(Memory.addressOf(buffer));
            }
        }
    }

    @Test
    void viewHasTheAddressOfItsFirstByte() {
        ByteBuffer whole = ByteBuffer.allocateDirect(64);
        long address = BufferAddresses.of(whole);
        assertThat(BufferAddresses.of(whole.duplicate().position(5))).isEqualTo(address);
        assertThat(BufferAddresses.of(whole.slice(8, 16))).isEqualTo(address + 8);
        assertThat(BufferAddresses.of(whole.position(3).flip())).isEqualTo(address);
    }

    /** A wrong address would be kept for all later uses of the buffer. */
    @Test
    void addressDoesNotDependOnAPositionThatMoves() throws InterruptedException {
        ByteBuffer memory = ByteBuffer.allocateDirect(128);
        long address = Memory.addressOf(memory) + 64;
        AtomicReference<ByteBuffer> target = new AtomicReference<>(memory.slice(64, 64));
        AtomicBoolean over = new AtomicBoolean();
        Thread mover =
                new Thread(
                        () -> {
                            while (!over.get()) {
                                target.get().position(64).position(0);
                            }
                        });
        mover.start();
        Set<Long> found = new HashSet<>();
        for (int i = 0; i < 200_000; i++) {
            ByteBuffer moved = memory.slice(64, 64);
            target.set(moved);
            found.add(Memory.addressOf(moved));
        }
        over.set(true);
        mover.join();
        assertThat(found).containsExactly(address);
    }

    @Test
    void concurrentLookupsFindTheRightAddress() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        List<Long> wrong = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread =
                    new Thread(
                            () -> {
                                for (int n = 0; n < 20_000; n++) {
                                    ByteBuffer buffer = ByteBuffer.allocateDirect(8);
                                    for (int again = 0; again < 2; again++) {
                                        if (BufferAddresses.of(buffer)
                                                != Memory.addressOf(buffer)) {
                                            synchronized (wrong) {
                                                wrong.add((long) n);
                                            }
                                        }
                                    }
                                }
                            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wrong).isEmpty();
    }
}
