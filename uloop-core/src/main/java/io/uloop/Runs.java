package io.uloop;

import io.uloop.internal.VirtualThreads;
import io.uloop.observe.Log;
import io.uloop.observe.LoopObserver;
import io.uloop.poller.Poller;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Runs the turns of one loop on the calling thread, until an end that each method defines. */
final class Runs {
    private final LoopState state;
    private final LoopOwner owner;
    private final Poller poller;
    private final Turn turn;
    private final LoopObserver observer;
    private final Runnable windUp;
    private boolean warnedOfVirtualThread;

    Runs(
            LoopState state,
            LoopOwner owner,
            Poller poller,
            Turn turn,
            LoopObserver observer,
            Runnable windUp) {
        this.state = state;
        this.owner = owner;
        this.poller = poller;
        this.turn = turn;
        this.observer = observer;
        this.windUp = windUp;
    }

    void run() throws IOException {
        enter();
        try {
            while (!state.isEnding()) {
                turn.run(turn.patience());
            }
        } finally {
            leave();
        }
    }

    <T> T runUntil(CompletableFuture<T> future) throws IOException, ExecutionException {
        enter();
        try {
            var unused = future.whenComplete((value, error) -> poller.wakeup());
            while (!future.isDone() && !state.isEnding()) {
                turn.run(turn.patience());
            }
        } finally {
            leave();
        }
        if (!future.isDone()) {
            throw new IllegalStateException(state.name() + " ended before the future was done");
        }
        try {
            return future.join();
        } catch (CompletionException e) {
            throw new ExecutionException(e.getCause());
        }
    }

    void runUntilIdle() throws IOException {
        enter();
        turn.setEndsWhenIdle(true);
        try {
            while (!turn.isIdle() && !state.isEnding()) {
                turn.run(turn.patience());
            }
        } finally {
            turn.setEndsWhenIdle(false);
            leave();
        }
    }

    int runOnce(long timeoutNanos) throws IOException {
        enter();
        try {
            return turn.runWithProgress(timeoutNanos);
        } finally {
            leave();
        }
    }

    private void enter() {
        state.requireOpen();
        owner.enter();
        if (!warnedOfVirtualThread && VirtualThreads.isVirtual(Thread.currentThread())) {
            warnedOfVirtualThread = true;
            Log.warning(
                    state.name()
                            + " is run by a virtual thread, which pins its carrier thread while the"
                            + " loop waits, so other virtual threads may starve; run each loop on a"
                            + " platform thread, as UloopGroup does",
                    null);
        }
    }

    private void leave() {
        state.consumeStop();
        observer.runEnds();
        owner.leave();
        windUp.run();
    }
}
