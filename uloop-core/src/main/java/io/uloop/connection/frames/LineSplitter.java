package io.uloop.connection.frames;

import java.net.ProtocolException;
import java.nio.ByteBuffer;

/**
 * Finds lines.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class LineSplitter extends Splitter {
    private final int maxBytes;
    private final boolean acceptsUnfinished;
    private long seen; // bytes of the current line, without LF
    private boolean endsInReturn; // the last of them is CR
    private int excess;

    LineSplitter(int maxBytes, boolean acceptsUnfinished) {
        this.maxBytes = maxBytes;
        this.acceptsUnfinished = acceptsUnfinished;
    }

    @Override
    boolean scan(ByteBuffer data) throws ProtocolException {
        int start = data.position();
        end = LineFeeds.indexOf(data, start, data.limit());
        boolean whole = end < data.limit();
        next = whole ? end + 1 : end;
        if (end > start) {
            seen += end - start;
            endsInReturn = data.get(end - 1) == Lines.CR;
        }
        excess = endsInReturn ? 1 : 0;
        if (seen - excess > maxBytes) {
            throw new ProtocolException(
                    "the peer sent a line of "
                            + (whole ? "" : "at least ")
                            + (seen - excess)
                            + " bytes; the limit is "
                            + maxBytes);
        }
        if (whole) {
            begin();
        }
        return whole;
    }

    private void begin() {
        seen = 0;
        endsInReturn = false;
    }

    @Override
    int excess() {
        return excess;
    }

    @Override
    int mostBytes() {
        return maxBytes == Integer.MAX_VALUE ? maxBytes : maxBytes + 1; // with a CR
    }

    @Override
    boolean isInside() {
        return seen > 0;
    }

    @Override
    boolean finish() {
        if (acceptsUnfinished) {
            begin();
        }
        return acceptsUnfinished;
    }

    @Override
    String incomplete() {
        return seen + " bytes of an unfinished line";
    }
}
