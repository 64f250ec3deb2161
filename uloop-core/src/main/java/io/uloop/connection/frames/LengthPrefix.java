package io.uloop.connection.frames;

import io.uloop.connection.Connection;
import io.uloop.internal.ConnectionAccess;
import io.uloop.memory.LoopBuffers;
import java.nio.ByteBuffer;

/**
 * Frames that follow their length, which is an unsigned number of 1 to 4 bytes or a varint.
 *
 * <pre>{@code
 * LengthPrefix frames = LengthPrefix.bigEndian(4, 1 << 20);
 * FrameHandler echo = (connection, frame) -> frames.write(connection, frame);
 * listener.register(
 *         Connection.acceptor(ConnectionOptions.DEFAULTS, () -> frames.handler(echo)));
 * }</pre>
 *
 * <p>A length above the limit resets the connection as soon as it has been read. A connection whose
 * stream ends inside a frame is reset too.
 *
 * @since 0.1
 */
public final class LengthPrefix extends Framing {
    private static final int MAX_FIXED_BYTES = 4;

    /** Enough for 32 bits. */
    static final int MAX_VARINT_BYTES = 5;

    private enum Encoding {
        BIG_ENDIAN,
        LITTLE_ENDIAN,
        VARINT
    }

    private final Encoding encoding;
    private final int prefixBytes; // the most, for a varint
    private final boolean countsItself;

    private LengthPrefix(Encoding encoding, int prefixBytes, boolean countsItself, int maxBytes) {
        super(maxBytes);
        this.encoding = encoding;
        this.prefixBytes = prefixBytes;
        this.countsItself = countsItself;
        if (maxBytes > greatest()) {
            throw new IllegalArgumentException(
                    "a length of "
                            + prefixBytes
                            + " bytes cannot represent frames of up to "
                            + maxBytes
                            + " bytes; the greatest have "
                            + greatest());
        }
    }

    /**
     * Returns frames behind a length in network byte order.
     *
     * @param prefixBytes the number of bytes of the length, 1 to 4
     * @param maxBytes the greatest number of bytes of a received frame without its length, 0 or
     *     more
     * @return the format
     * @throws IllegalArgumentException if a number is out of range, or the length cannot represent
     *     the limit
     */
    public static LengthPrefix bigEndian(int prefixBytes, int maxBytes) {
        return fixed(Encoding.BIG_ENDIAN, prefixBytes, maxBytes);
    }

    /**
     * Returns frames behind a length whose lowest byte comes first.
     *
     * @param prefixBytes as for {@link #bigEndian}
     * @param maxBytes as for {@link #bigEndian}
     * @return the format
     * @throws IllegalArgumentException as for {@link #bigEndian}
     */
    public static LengthPrefix littleEndian(int prefixBytes, int maxBytes) {
        return fixed(Encoding.LITTLE_ENDIAN, prefixBytes, maxBytes);
    }

    private static LengthPrefix fixed(Encoding encoding, int prefixBytes, int maxBytes) {
        if (prefixBytes < 1 || prefixBytes > MAX_FIXED_BYTES) {
            throw new IllegalArgumentException(
                    "a length has 1 to 4 bytes, not " + prefixBytes + "; or use a varint");
        }
        return new LengthPrefix(encoding, prefixBytes, false, maxBytes);
    }

    /**
     * Returns frames behind a length that is a varint, as in streams of Protocol Buffers: seven
     * bits in each byte, the lowest first, and the high bit set in all bytes but the last. It has
     * at most 5 bytes.
     *
     * @param maxBytes as for {@link #bigEndian}
     * @return the format
     * @throws IllegalArgumentException if the number is negative
     */
    public static LengthPrefix varint(int maxBytes) {
        return new LengthPrefix(Encoding.VARINT, MAX_VARINT_BYTES, false, maxBytes);
    }

    /**
     * Returns the same format, but the length counts its own bytes too. The limit still does not.
     *
     * @return the format
     * @throws IllegalArgumentException if the length cannot represent the limit any more
     */
    public LengthPrefix countingItself() {
        return new LengthPrefix(encoding, prefixBytes, true, maxBytes());
    }

    /**
     * Sends a length and a frame.
     *
     * @param connection the connection
     * @param frame holds the bytes, 0 or more; empty afterwards
     * @return {@link Connection#isWritable}
     * @throws IllegalArgumentException if the length cannot represent the frame; nothing is sent
     */
    @Override
    public boolean write(Connection connection, ByteBuffer frame) {
        connection.loop().checkThread();
        int count = frame.remaining();
        if (count > greatest()) {
            throw new IllegalArgumentException(
                    "cannot write a frame of "
                            + count
                            + " bytes to "
                            + connection
                            + ": a length of "
                            + prefixBytes
                            + " bytes represents at most "
                            + greatest());
        }
        LoopBuffers buffers = ((ConnectionAccess) connection).buffers();
        ByteBuffer prefix = buffers.small();
        put(prefix, count);
        return connection.write(buffers.pair(prefix.flip(), frame), 0, 2);
    }

    /** Appends the length of a frame. */
    private void put(ByteBuffer target, long count) {
        if (encoding == Encoding.VARINT) {
            putVarint(target, countsItself ? withItself(count) : count);
            return;
        }
        long length = countsItself ? count + prefixBytes : count;
        for (int i = 0; i < prefixBytes; i++) {
            target.put((byte) (length >>> shift(i)));
        }
    }

    /** Returns a varint that counts its own bytes, which become more as it grows. */
    private static long withItself(long count) {
        int bytes = 1;
        while (count + bytes >= 1L << (7 * bytes)) {
            bytes++;
        }
        return count + bytes;
    }

    private static void putVarint(ByteBuffer target, long number) {
        long rest = number;
        while (rest > 0x7F) {
            target.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        target.put((byte) rest);
    }

    /** Returns the place of a byte of the length in bits. */
    private int shift(int index) {
        return switch (encoding) {
            case BIG_ENDIAN -> 8 * (prefixBytes - 1 - index);
            case LITTLE_ENDIAN -> 8 * index;
            case VARINT -> 7 * index;
        };
    }

    /** Returns a length with one more byte. */
    long append(long length, int index, int added) {
        int bits = encoding == Encoding.VARINT ? added & 0x7F : added;
        return length | (long) bits << shift(index);
    }

    /** Returns whether a byte is the last one of a length with this number of bytes. */
    boolean isLast(int bytes, int added) {
        return encoding == Encoding.VARINT ? (added & 0x80) == 0 : bytes == prefixBytes;
    }

    /** Returns the number of bytes of a frame, negative if the length does not count itself. */
    long frameBytes(long length, int bytes) {
        return countsItself ? length - bytes : length;
    }

    /** Returns the number of bytes of the greatest frame that the length can represent. */
    private long greatest() {
        if (encoding == Encoding.VARINT) {
            return Integer.MAX_VALUE;
        }
        return (1L << (8 * prefixBytes)) - 1 - (countsItself ? prefixBytes : 0);
    }

    @Override
    Splitter splitter() {
        return new LengthSplitter(this);
    }

    @Override
    public String toString() {
        return "LengthPrefix["
                + encoding
                + (encoding == Encoding.VARINT ? "" : ", " + prefixBytes + " bytes")
                + (countsItself ? ", counts itself" : "")
                + ", frames up to "
                + maxBytes()
                + " bytes]";
    }
}
