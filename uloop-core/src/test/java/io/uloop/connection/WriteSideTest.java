package io.uloop.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.memory.BufferBudget;
import io.uloop.memory.BufferShare;
import io.uloop.net.ByteStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WriteSideTest {
    /** Takes a limited number of bytes. */
    private static final class Channel implements ByteStream {
        final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        int room;

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            long sum = 0;
            for (int i = offset; i < offset + length; i++) {
                sum += write(sources[i]);
            }
            return sum;
        }

        @Override
        public long write(ByteBuffer[] sources) {
            return write(sources, 0, sources.length);
        }

        @Override
        public int write(ByteBuffer source) {
            int count = Math.min(room, source.remaining());
            room -= count;
            for (int i = 0; i < count; i++) {
                taken.write(source.get());
            }
            return count;
        }

        @Override
        public long transfer(FileChannel source, long position, long count) throws IOException {
            ByteBuffer part = ByteBuffer.allocate((int) Math.min(count, room));
            int read = source.read(part, position);
            write(part.flip());
            return read;
        }

        @Override
        public int read(ByteBuffer target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Uloop loop() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int fd() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int directions() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean canHalfClose() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void register(int interest, EventHandler handler) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void modify(int interest) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void unref() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void ref() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean hasRef() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void shutdownOutput() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void reset() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private final Uloop loop;
    private final Channel channel = new Channel();
    private final BufferBudget budget;
    private final BufferShare share;
    private final WriteSide output;

    WriteSideTest() throws IOException {
        loop = Uloop.open();
        output = new WriteSide(Shared.of(loop, ConnectionOptions.DEFAULTS));
        budget = output.shared().budget;
        share = output.share(failure -> {});
    }

    @AfterEach
    void closeLoop() {
        loop.close();
    }

    @Test
    void oneByteTakesASmallSegment() throws IOException {
        output.send(channel, ByteBuffer.allocate(1), failure -> {});
        assertThat(share.bytes()).isLessThanOrEqualTo(1024);
    }

    @Test
    void memoryFollowsPendingBytes() throws IOException {
        for (int i = 0; i < 1_000; i++) {
            output.send(channel, ByteBuffer.allocate(300), failure -> {});
            assertThat(share.bytes())
                    .isLessThanOrEqualTo(4 * output.bytes() + 512)
                    .isLessThanOrEqualTo(output.bytes() + (64 << 10));
        }
        channel.room = Integer.MAX_VALUE;
        while (output.isPending()) {
            output.flush(channel);
        }
        assertThat(share.bytes()).isZero();
        assertThat(budget.held()).isZero();
    }

    @Test
    void writesOfAnySizeStayInOrder() throws IOException {
        Random random = new Random(5);
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(i % 10 == 0 ? 50_000 : 700)];
            random.nextBytes(bytes);
            sent.writeBytes(bytes);
            channel.room = random.nextInt(2_500);
            output.send(channel, ByteBuffer.wrap(bytes), failure -> {});
            output.flush(channel);
            channel.room += random.nextInt(2_000);
            output.flush(channel);
        }
        channel.room = Integer.MAX_VALUE;
        while (output.isPending()) {
            output.flush(channel);
        }
        assertThat(Arrays.equals(channel.taken.toByteArray(), sent.toByteArray())).isTrue();
        assertThat(share.bytes()).isZero();
    }
}
