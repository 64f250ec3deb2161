package io.uloop.fiber;

import java.util.concurrent.RejectedExecutionException;

/**
 * Ends a run of the loop when no fiber is left. It does so in a task, behind the failure of the
 * last fiber, so that the error handler receives that in the same run.
 *
 * <p>Thread-safe.
 */
final class Completion implements Runnable {
    private final Scheduler scheduler;
    private volatile boolean over;

    Completion(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    @Override
    public void run() {
        try {
            scheduler.loop().execute(this::check);
        } catch (RejectedExecutionException e) {
            // The close of the loop ends the run.
        }
    }

    private void check() {
        if (!over && scheduler.live().isEmpty()) { // another thread may have started one
            scheduler.loop().stop();
        }
    }

    /** Prevents a late call from ending another run. */
    void runEnds() {
        over = true;
    }
}
