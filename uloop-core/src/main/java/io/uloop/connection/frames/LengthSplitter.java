package io.uloop.connection.frames;

import java.net.ProtocolException;
import java.nio.ByteBuffer;

/**
 * Finds frames behind their lengths.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class LengthSplitter extends Splitter {
    private final LengthPrefix format;
    private long length; // as far as it has been read
    private int lengthBytes; // that have been read
    private boolean inFrame; // the length is complete
    private int frameBytes;
    private int missing;

    LengthSplitter(LengthPrefix format) {
        this.format = format;
    }

    @Override
    boolean scan(ByteBuffer data) throws ProtocolException {
        if (!inFrame && !readLength(data)) {
            end = data.limit();
            next = end;
            return false;
        }
        int count = Math.min(missing, data.remaining());
        end = data.position() + count;
        next = end;
        missing -= count;
        if (missing > 0) {
            return false;
        }
        length = 0;
        lengthBytes = 0;
        inFrame = false;
        return true;
    }

    /** Reads more of the length. Returns whether it is complete. */
    private boolean readLength(ByteBuffer data) throws ProtocolException {
        while (data.hasRemaining()) {
            int added = data.get() & 0xFF;
            length = format.append(length, lengthBytes++, added);
            if (format.isLast(lengthBytes, added)) {
                begin();
                return true;
            }
            if (lengthBytes >= LengthPrefix.MAX_VARINT_BYTES) {
                throw new ProtocolException(
                        "the peer sent a length of more than "
                                + LengthPrefix.MAX_VARINT_BYTES
                                + " bytes");
            }
        }
        return false;
    }

    private void begin() throws ProtocolException {
        long count = format.frameBytes(length, lengthBytes);
        if (count < 0) {
            throw new ProtocolException(
                    "the peer sent the length "
                            + length
                            + ", which is less than its own "
                            + lengthBytes
                            + " bytes");
        }
        if (count > format.maxBytes()) {
            throw new ProtocolException(
                    "the peer announced a frame of "
                            + count
                            + " bytes; the limit is "
                            + format.maxBytes());
        }
        frameBytes = (int) count;
        missing = frameBytes;
        inFrame = true;
    }

    @Override
    int excess() {
        return 0;
    }

    @Override
    int mostBytes() {
        return frameBytes;
    }

    @Override
    boolean isInside() {
        return lengthBytes > 0;
    }

    @Override
    boolean finish() {
        return false;
    }

    @Override
    String incomplete() {
        return inFrame
                ? (frameBytes - missing) + " of the " + frameBytes + " bytes of a frame"
                : lengthBytes + " bytes of a length";
    }
}
