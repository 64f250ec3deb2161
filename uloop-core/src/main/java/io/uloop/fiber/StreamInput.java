package io.uloop.fiber;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** Reads from a {@link FiberStream}. */
final class StreamInput extends InputStream {
    private final FiberStream stream;

    StreamInput(FiberStream stream) {
        this.stream = stream;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        return stream.read(ByteBuffer.wrap(target, offset, length));
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
