package io.uloop.benchmarks.turn;

import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads with {@link Descriptors} from a socket that has no bytes. */
final class DescriptorsEmptyRead implements Contender {
    private final Descriptors descriptors;
    private final int fd;
    private final ByteBuffer in = ByteBuffer.allocateDirect(64);

    DescriptorsEmptyRead(Descriptors descriptors, int fd) {
        this.descriptors = descriptors;
        this.fd = fd;
    }

    @Override
    public long run(int times) throws IOException {
        long empty = 0;
        for (int i = 0; i < times; i++) {
            empty += descriptors.read(fd, in.clear()) == 0 ? 1 : 0;
        }
        return empty;
    }
}
