package io.uloop.connection;

import java.nio.ByteBuffer;

/**
 * Splits the buffers of a gathered write into runs without repeated buffers, for consumers that
 * read a buffer that occurs twice as two parts of the same bytes.
 */
final class GatheredRuns {
    /** Bounds a run, so that the search for repeated buffers stays short. */
    private static final int MAX_RUN = 16;

    private GatheredRuns() {}

    /** Returns the end of the run that starts at an index, at most {@code end}. */
    static int endOfRun(ByteBuffer[] sources, int from, int end) {
        int to = from + 1;
        while (to < end && to < from + MAX_RUN && !contains(sources, from, to, sources[to])) {
            to++;
        }
        return to;
    }

    @SuppressWarnings("ReferenceEquality") // equal bytes in two buffers are sent twice
    private static boolean contains(ByteBuffer[] sources, int from, int to, ByteBuffer wanted) {
        for (int i = from; i < to; i++) {
            if (sources[i] == wanted) {
                return true;
            }
        }
        return false;
    }
}
