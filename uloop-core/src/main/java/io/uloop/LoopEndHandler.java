package io.uloop;

import java.util.function.Consumer;

/** Handles the end of a loop; see {@link Uloop#onEnd}. */
public interface LoopEndHandler {
    /**
     * Called on the loop's thread when the {@link UloopGroup#shutdown} of its group begins, after
     * the tasks of {@link UloopGroup#atShutdown}. The loop keeps running.
     *
     * @throws Exception any failure; the loop logs it and passes it to the {@link ErrorHandler}
     */
    default void shutdownBegins() throws Exception {}

    /**
     * Called once after the last turn of a closed loop. No other callback follows. Runs on the
     * thread that ran the loop, or on the thread that closes it if the loop is not running.
     *
     * @param caller runs tasks immediately and logs and reports their exceptions like those of any
     *     callback
     * @throws Exception any failure; the loop logs it and passes it to the {@link ErrorHandler}
     */
    void loopClosed(Consumer<LoopTask> caller) throws Exception;
}
