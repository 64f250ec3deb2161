package io.uloop.terminal;

import io.uloop.poller.WindowSize;

/**
 * Handles changes of a terminal's window size.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface ResizeHandler {
    /**
     * Called on the loop's thread after a change. One call may stand for several changes.
     *
     * @param size the new size
     * @throws Exception any failure; the loop reports it
     */
    void resized(WindowSize size) throws Exception;
}
