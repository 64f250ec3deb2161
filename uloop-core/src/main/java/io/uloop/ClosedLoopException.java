package io.uloop;

/**
 * Thrown when a closed loop is used. If a callback throws it because its own loop was closed
 * concurrently, it is logged at DEBUG level only.
 *
 * @since 0.1
 */
public final class ClosedLoopException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    ClosedLoopException(String message) {
        super(message);
    }
}
