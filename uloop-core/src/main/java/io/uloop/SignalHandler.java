package io.uloop;

/** Handles a signal registered by {@link Uloop#onSignal}. */
@FunctionalInterface
public interface SignalHandler {
    /**
     * Called on the loop's thread after one or more signals of one kind.
     *
     * @param name the signal without SIG, for example {@code "TERM"}
     * @throws Exception any failure; the loop logs it and passes it to the {@link ErrorHandler}
     */
    void onSignal(String name) throws Exception;
}
