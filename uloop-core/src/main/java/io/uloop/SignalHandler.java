package io.uloop;

/** Is told of the signals that {@link Uloop#onSignal} asks for. */
@FunctionalInterface
public interface SignalHandler {
    /**
     * Takes one or more signals of a kind, on the loop's thread.
     *
     * @param name the signal without SIG, as in {@code "TERM"}
     * @throws Exception is logged and goes to the loop's {@link ErrorHandler}
     */
    void onSignal(String name) throws Exception;
}
