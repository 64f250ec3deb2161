package io.uloop.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Finds where the last lines of a file begin, reading only the end of the file. */
final class LastLines {
    private static final int BLOCK_BYTES = 8 * 1024;

    private LastLines() {}

    /**
     * Finds the position at which the last lines begin.
     *
     * @param lines how many lines, 0 or more; text after the last line feed counts as a line
     * @return a position in bytes: the end of the file for 0 lines, 0 if the file has no more lines
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
                boolean isLast = low + i == end - 1; // ends the last line and begins none
                if (block.get(i) == '\n' && !isLast && --left == 0) {
                    return low + i + 1;
                }
            }
            high = low;
        }
        return 0;
    }

    /** Fills the block, or less of it if the file was truncated meanwhile. */
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
