package io.uloop.connection.frames;

import java.nio.ByteBuffer;

/** Searches for line feeds. */
final class LineFeeds {
    private static final long EACH_BYTE = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private LineFeeds() {}

    /** Returns the index of the first line feed in a part of a buffer, or the end of the part. */
    static int indexOf(ByteBuffer bytes, int from, int to) {
        int index = from;
        while (index <= to - Long.BYTES && !hasLineFeed(bytes.getLong(index))) {
            index += Long.BYTES;
        }
        while (index < to && bytes.get(index) != Lines.LF) {
            index++;
        }
        return index;
    }

    /** Tests eight bytes at once: subtracting 1 sets the high bit of a byte below 128 only if 0. */
    private static boolean hasLineFeed(long eight) {
        long zeroIfFeed = eight ^ (EACH_BYTE * Lines.LF);
        return ((zeroIfFeed - EACH_BYTE) & ~zeroIfFeed & HIGH_BITS) != 0;
    }
}
