package io.uloop.poller;

/**
 * The size of a terminal's window.
 *
 * @param rows the height in lines, 1 to 65535, or 0 if unknown
 * @param columns the width in characters, 1 to 65535, or 0 if unknown
 * @since 0.1
 */
public record WindowSize(int rows, int columns) {
    private static final int MAX = 0xFFFF;

    /**
     * Creates a size.
     *
     * @param rows 0 to 65535
     * @param columns 0 to 65535
     * @throws IllegalArgumentException if a number is out of range
     */
    public WindowSize {
        if ((rows & ~MAX) != 0 || (columns & ~MAX) != 0) {
            throw new IllegalArgumentException(
                    "window size " + rows + " x " + columns + " is out of range; use 0 to 65535");
        }
    }
}
