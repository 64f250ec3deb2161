package io.uloop.benchmarks.turn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Reads with a channel of the JDK from a socket that has no bytes. */
final class ChannelEmptyRead implements Contender {
    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocateDirect(64);

    ChannelEmptyRead(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public long run(int times) throws IOException {
        long empty = 0;
        for (int i = 0; i < times; i++) {
            empty += channel.read(in.clear()) == 0 ? 1 : 0;
        }
        return empty;
    }
}
