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

    /** A consumer of runs. */
    @FunctionalInterface
    interface Consumer {
        /** Consumes the buffers from one index to another. */
        void accept(ByteBuffer[] sources, int from, int end);
    }

    /** Returns whether no buffer occurs twice, as far as a quick search tells. */
    static boolean isOneRun(ByteBuffer[] sources, int offset, int length) {
        return endOfRun(sources, offset, offset + length) >= offset + length;
    }

    /** Passes each run to a consumer. Each buffer has all of its bytes in each of its runs. */
    static void forEach(ByteBuffer[] sources, int offset, int length, Consumer consumer) {
        int[] starts = new int[length];
        for (int i = 0; i < length; i++) {
            starts[i] = sources[offset + i].position();
        }
        int end = offset + length;
        int to;
        for (int from = offset; from < end; from = to) {
            to = endOfRun(sources, from, end);
            for (int i = from; i < to; i++) {
                sources[i].position(starts[i - offset]); // the buffer may occur in an earlier run
            }
            consumer.accept(sources, from, to);
        }
    }

    /** Returns the end of the run that starts at an index, at most {@code end}. */
    private static int endOfRun(ByteBuffer[] sources, int from, int end) {
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
