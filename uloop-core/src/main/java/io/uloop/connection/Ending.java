package io.uloop.connection;

import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Collects why a connection ends, and what its handler threw. */
final class Ending {
    private @Nullable Throwable cause;
    private @Nullable Throwable thrown;

    /**
     * Adds a cause. The first reported cause wins, and later ones are added to it as suppressed
     * exceptions.
     */
    void blame(Throwable reason) {
        if (cause == null) {
            cause = reason;
        } else if (reason != cause) {
            cause.addSuppressed(reason);
        }
    }

    /** Adds what a call of the handler threw. */
    void threw(Throwable failure) {
        if (thrown == null) {
            thrown = failure;
        } else if (failure != thrown) {
            thrown.addSuppressed(failure);
        }
    }

    @Nullable Throwable cause() {
        return cause;
    }

    /**
     * Throws to the loop what the handler threw. A contained error would end it, so it is wrapped.
     */
    void rethrow(Object connection) throws Exception {
        if (thrown instanceof Error error && !isContained(error)) {
            throw error;
        }
        if (thrown instanceof Exception exception) {
            throw exception;
        }
        if (thrown != null) {
            throw new ExecutionException(connection + " ended: " + thrown, thrown);
        }
    }

    /**
     * Returns whether an error is contained in one connection. Memory and stack are often exhausted
     * by the input of one peer, and the loop can still serve the others. No other error gives that
     * assurance.
     */
    static boolean isContained(Throwable failure) {
        return failure instanceof OutOfMemoryError || failure instanceof StackOverflowError;
    }
}
