package io.uloop.poller;

/**
 * Thrown when a poller is used after it was closed.
 *
 * @since 0.1
 */
public final class ClosedPollerException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception with the standard message. */
    public ClosedPollerException() {
        super("this poller is closed; open a new one with Pollers.open()");
    }
}
