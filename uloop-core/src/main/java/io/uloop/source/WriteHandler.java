package io.uloop.source;

/** Is told that a write may move bytes again. */
@FunctionalInterface
public interface WriteHandler {
    /**
     * Hears it once, on the loop's thread. It may ask to hear it again, and close what it writes
     * to.
     *
     * @throws Exception is logged and goes to the loop's {@link io.uloop.ErrorHandler}
     */
    void writable() throws Exception;
}
