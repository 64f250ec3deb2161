package io.uloop.poller;

/** A poller was used after it was closed. */
public final class ClosedPollerException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** Makes one that says what happened. */
    public ClosedPollerException() {
        super("this poller is closed; open another one with Pollers.open()");
    }
}
