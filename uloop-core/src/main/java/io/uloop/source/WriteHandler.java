package io.uloop.source;

/**
 * Handles the writability of an output.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface WriteHandler {
    /**
     * Called once on the loop's thread, when a write may make progress or fail. It may wait again
     * and close the output.
     *
     * @throws Exception any failure; the loop logs it and passes it to the {@link
     *     io.uloop.ErrorHandler}
     */
    void writable() throws Exception;
}
