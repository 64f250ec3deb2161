package io.uloop.poller;

/**
 * Thrown when the requested backend is unknown or not usable here. The message lists all backends
 * and their state.
 *
 * @since 0.1
 */
public final class PollerUnavailableException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message the requested backend, the source of the request and the available backends
     */
    public PollerUnavailableException(String message) {
        super(message);
    }
}
