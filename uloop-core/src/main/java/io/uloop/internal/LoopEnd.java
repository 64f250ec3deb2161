package io.uloop.internal;

import java.util.function.Consumer;

/** Handles the end of a loop. */
public interface LoopEnd {
    /** A call that may throw. */
    @FunctionalInterface
    interface Call {
        /**
         * Makes the call.
         *
         * @throws Exception any failure; the loop logs and reports it like that of any callback
         */
        void run() throws Exception;
    }

    /**
     * Called on the loop's thread when the shutdown of its group begins. The loop keeps running.
     *
     * @throws Exception any failure; the loop logs and reports it like that of any callback
     */
    default void shutdownBegins() throws Exception {}

    /**
     * Called once after the last turn of a closed loop. No other callback follows. Runs on the
     * thread that ran the loop, or on the thread that closes it if the loop is not running.
     *
     * @param caller makes calls immediately, and logs and reports their exceptions
     * @throws Exception any failure; the loop logs and reports it like that of any callback
     */
    void loopClosed(Consumer<Call> caller) throws Exception;
}
