package io.uloop.internal;

import java.util.concurrent.RejectedExecutionException;

/** A queued task that must learn that its loop was closed and never runs it. */
public interface Refusable {
    /**
     * Called once instead of the task, outside the loop.
     *
     * @param reason names the closed loop
     */
    void refuse(RejectedExecutionException reason);
}
