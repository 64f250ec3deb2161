package io.uloop.group;

import io.uloop.Uloop;

/**
 * Prepares each loop of a group before it runs.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface LoopStartHandler {
    /**
     * Called on the loop's thread before its first turn.
     *
     * @param index the loop's index in its group, from 0
     * @param loop the loop, which may replace a failed one of the same index
     * @throws Exception any failure, which ends the loop like a failure of {@link Uloop#run}
     */
    void onStart(int index, Uloop loop) throws Exception;
}
