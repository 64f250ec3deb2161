package io.uloop.fiber;

import io.uloop.ClosedLoopException;
import io.uloop.LoopTask;
import io.uloop.internal.Refusable;
import io.uloop.observe.Callbacks;
import io.uloop.observe.SafeLog;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;

/** Throws the failure of a fiber on the loop's thread, where callbacks' failures are reported. */
record FailedFiber(Fiber<?> fiber, Throwable failure)
        implements LoopTask, Refusable, Callbacks.Wrapper {
    @Override
    public void run() throws Exception {
        if (failure instanceof Exception exception) {
            throw exception;
        }
        if (failure instanceof OutOfMemoryError || failure instanceof StackOverflowError) {
            throw new ExecutionException(
                    fiber + " failed: " + failure, failure); // ends only itself
        }
        throw (Error) failure;
    }

    @Override
    public Object wrapped() {
        return fiber;
    }

    @Override
    public String kind() {
        return "fiber";
    }

    @Override
    public boolean failsElsewhere() {
        return true;
    }

    /** Logs a failure that no error handler receives, because the loop is closed. */
    @Override
    public void refuse(RejectedExecutionException reason) {
        SafeLog.write(
                System.getLogger("io.uloop.fiber"),
                isEndOfClosedLoop() ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
                fiber + " failed and its loop is closed",
                failure);
    }

    /** Returns whether it is how a fiber is expected to end when its loop is closed. */
    private boolean isEndOfClosedLoop() {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ClosedLoopException
                    || cause instanceof ClosedChannelException
                    || Fiber.isInterruption(cause)) {
                return true;
            }
        }
        return false;
    }
}
