package io.uloop.benchmarks.turn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Writes and reads with channels of the JDK. */
final class ChannelTransfer implements Contender {
    private final SocketChannel from;
    private final SocketChannel to;
    private final ByteBuffer out;
    private final ByteBuffer in = ByteBuffer.allocateDirect(65536);

    ChannelTransfer(SocketChannel from, SocketChannel to, int bytes) {
        this.from = from;
        this.to = to;
        out = ByteBuffer.allocateDirect(bytes);
    }

    @Override
    public long run(int times) throws IOException {
        long moved = 0;
        for (int i = 0; i < times; i++) {
            moved += from.write(out.clear());
            moved += to.read(in.clear());
        }
        return moved / (2L * out.capacity());
    }
}
