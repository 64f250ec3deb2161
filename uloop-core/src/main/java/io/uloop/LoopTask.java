package io.uloop;

/**
 * A task, timer or hook of a loop.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface LoopTask {
    /**
     * Called on the loop's thread. Must not block.
     *
     * @throws Exception any failure; the loop logs it, passes it to the {@link ErrorHandler} as it
     *     was thrown, and continues
     */
    void run() throws Exception;
}
