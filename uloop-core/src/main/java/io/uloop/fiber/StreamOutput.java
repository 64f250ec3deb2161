package io.uloop.fiber;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Writes to a {@link FiberStream}. */
final class StreamOutput extends OutputStream {
    private final FiberStream stream;

    StreamOutput(FiberStream stream) {
        this.stream = stream;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        int unused = stream.write(ByteBuffer.wrap(source, offset, length));
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
