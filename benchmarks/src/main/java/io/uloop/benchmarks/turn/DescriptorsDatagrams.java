package io.uloop.benchmarks.turn;

import io.uloop.poller.DatagramAddress;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** Sends and receives datagrams with {@link Descriptors}. */
final class DescriptorsDatagrams implements Contender {
    private final Descriptors descriptors;
    private final int from;
    private final int to;
    private final DatagramAddress target;
    private final DatagramAddress sender = new DatagramAddress();
    private final ByteBuffer out;
    private final ByteBuffer in = ByteBuffer.allocateDirect(65536);

    DescriptorsDatagrams(
            Descriptors descriptors, int from, int to, InetSocketAddress target, int bytes) {
        this.descriptors = descriptors;
        this.from = from;
        this.to = to;
        this.target = new DatagramAddress(target);
        out = ByteBuffer.allocateDirect(bytes);
    }

    @Override
    public long run(int times) throws IOException {
        long moved = 0;
        for (int i = 0; i < times; i++) {
            moved += descriptors.send(from, out.clear(), target);
            moved += descriptors.receive(to, in.clear(), sender);
        }
        return moved / (2L * out.capacity());
    }
}
