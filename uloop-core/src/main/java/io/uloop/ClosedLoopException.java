package io.uloop;

/**
 * A loop was used after it was closed. A callback that fails with it because its own loop was
 * closed meanwhile is logged at DEBUG level only.
 */
public final class ClosedLoopException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    ClosedLoopException(String message) {
        super(message);
    }
}
