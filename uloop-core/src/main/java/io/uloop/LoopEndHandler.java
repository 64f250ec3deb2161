package io.uloop;

import java.util.concurrent.Executor;

/** Is called at the end of a loop, see {@link Uloop#onEnd}. */
public interface LoopEndHandler {
    /**
     * Called on the loop's thread when the {@link UloopGroup#shutdown} of its group begins, behind
     * the tasks of {@link UloopGroup#atShutdown}. The loop goes on.
     */
    default void shutdownBegins() {}

    /**
     * Called once when the loop is closed, behind its last turn: on the thread that ran the loop,
     * or if none does on the one that closes it. No other callback follows.
     *
     * @param caller runs at once what it gets; what that throws is logged and reported like the
     *     exception of any callback
     */
    void loopClosed(Executor caller);
}
