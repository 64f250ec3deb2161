package io.uloop;

import io.uloop.observe.Callbacks;

/** A call queued by {@link Uloop#callSoon}, which can be cancelled. */
final class SoonCall implements LoopTask, Handle, Callbacks.Wrapper {
    private final LoopOwner owner;
    private final LoopTask task;
    private boolean cancelled;

    SoonCall(LoopOwner owner, LoopTask task) {
        this.owner = owner;
        this.task = task;
    }

    @Override
    public void run() throws Exception {
        if (!cancelled) {
            task.run();
        }
    }

    @Override
    public Object wrapped() {
        return task;
    }

    @Override
    public void close() {
        boolean claimed = false;
        try {
            claimed = owner.claim();
            cancelled = true;
        } catch (ClosedLoopException e) {
            // Another thread ends the loop, which calls no task any more.
        } finally {
            owner.release(claimed);
        }
    }
}
