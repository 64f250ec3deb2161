package io.uloop.poller;

/** The asked-for backend is unknown or not usable here; the message lists all with their state. */
public final class PollerUnavailableException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message what was asked for, by whom, and what there is
     */
    public PollerUnavailableException(String message) {
        super(message);
    }
}
