package io.uloop.examples;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Finds where the last lines of a file begin, reading no more of it than these. */
final class LastLines {
    private static final int BLOCK_BYTES = 8 * 1024;

    private LastLines() {}

    /**
     * Finds the position.
     *
     * @param lines how many, 0 or more; what follows the last line feed is a line too
     * @return a position, that of the end for none and 0 if there are no more lines than that
     */
    static long start(FileChannel file, int lines) throws IOException {
        long end = file.size();
        if (lines == 0) {
            return end;
        }
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        int left = lines;
        for (long high = end; high > 0; ) {
            long low = Math.max(high - BLOCK_BYTES, 0);
            read(file, low, block.clear().limit((int) (high - low)));
            for (int i = block.position() - 1; i >= 0; i--) {
                boolean isLast = low + i == end - 1; // ends the last line, begins none
                if (block.get(i) == '\n' && !isLast && --left == 0) {
                    return low + i + 1;
                }
            }
            high = low;
        }
        return 0;
    }

    /** Fills the block, unless the file has become shorter. */
    private static void read(FileChannel file, long start, ByteBuffer block) throws IOException {
        long position = start;
        while (block.hasRemaining()) {
            int moved = file.read(block, position);
            if (moved < 0) {
                return;
            }
            position += moved;
        }
    }
}
