package io.uloop.process;

/**
 * Handles a signal; see {@link Signals#on}.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface SignalHandler {
    /**
     * Called on the loop's thread after one or more signals of one kind.
     *
     * @param name the signal without SIG, for example {@code "TERM"}
     * @throws Exception any failure; the loop logs it and passes it to the {@link
     *     io.uloop.ErrorHandler}
     */
    void onSignal(String name) throws Exception;
}
