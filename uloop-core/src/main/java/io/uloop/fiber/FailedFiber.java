package io.uloop.fiber;

import io.uloop.LoopTask;
import io.uloop.observe.Callbacks;
import io.uloop.observe.SafeLog;
import java.util.concurrent.ExecutionException;

/** Throws the failure of a fiber on the loop's thread, where callbacks' failures are reported. */
record FailedFiber(Fiber<?> fiber, Throwable failure) implements LoopTask, Callbacks.Wrapper {
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

    /** Logs a failure that no error handler receives, because the loop is closed. */
    static void logAfterTheEnd(Fiber<?> fiber, Throwable failure) {
        SafeLog.write(
                System.getLogger("io.uloop.fiber"),
                System.Logger.Level.DEBUG,
                fiber + " failed after its loop was closed",
                failure);
    }
}
