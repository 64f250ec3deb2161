package io.uloop.benchmarks.turn;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/** Sends and receives datagrams with channels of the JDK. */
final class ChannelDatagrams implements Contender {
    private final DatagramChannel from;
    private final DatagramChannel to;
    private final SocketAddress target;
    private final ByteBuffer out;
    private final ByteBuffer in = ByteBuffer.allocateDirect(65536);

    ChannelDatagrams(DatagramChannel from, DatagramChannel to, int bytes) throws IOException {
        this.from = from;
        this.to = to;
        target = to.getLocalAddress();
        out = ByteBuffer.allocateDirect(bytes);
    }

    @Override
    public long run(int times) throws IOException {
        long moved = 0;
        for (int i = 0; i < times; i++) {
            moved += from.send(out.clear(), target);
            if (to.receive(in.clear()) != null) {
                moved += in.position();
            }
        }
        return moved / (2L * out.capacity());
    }
}
