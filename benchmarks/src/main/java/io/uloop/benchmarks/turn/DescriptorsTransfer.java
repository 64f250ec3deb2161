package io.uloop.benchmarks.turn;

import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes and reads with {@link Descriptors}. */
final class DescriptorsTransfer implements Contender {
    private final Descriptors descriptors;
    private final int from;
    private final int to;
    private final ByteBuffer out;
    private final ByteBuffer in = ByteBuffer.allocateDirect(65536);

    DescriptorsTransfer(Descriptors descriptors, int from, int to, int bytes) {
        this.descriptors = descriptors;
        this.from = from;
        this.to = to;
        out = ByteBuffer.allocateDirect(bytes);
    }

    @Override
    public long run(int times) throws IOException {
        long moved = 0;
        for (int i = 0; i < times; i++) {
            moved += descriptors.write(from, out.clear());
            moved += descriptors.read(to, in.clear());
        }
        return moved / (2L * out.capacity());
    }
}
