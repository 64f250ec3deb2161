package io.uloop.group;

import io.uloop.Uloop;

/**
 * Handles the failure of a loop of a {@link UloopGroup}, after it has been logged.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface LoopFailureHandler {
    /**
     * Called on the loop's thread, which then ends.
     *
     * @param group the group of the loop
     * @param index the loop's index, 0 to {@link UloopGroup#size} - 1; the loop is closed
     * @param failure the exception thrown by {@link Uloop#run} or by a {@link UloopGroup#atEnd}
     *     task
     * @throws Exception any failure, which is only logged
     */
    void onFailure(UloopGroup group, int index, Throwable failure) throws Exception;
}
