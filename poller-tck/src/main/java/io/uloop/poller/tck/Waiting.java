package io.uloop.poller.tck;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Waits until another thread or the kernel has made a condition true. Fails a test after {@link
 * Scene#DEADLINE}. Thread-safe.
 *
 * @since 0.1
 */
public final class Waiting {
    private static final long INTERVAL_NANOS = 1_000_000;

    private Waiting() {}

    /**
     * A call whose result changes.
     *
     * @param <T> the type of the result
     * @param <X> what the call throws
     */
    @FunctionalInterface
    public interface Source<T, X extends Exception> {
        /**
         * {@return the result of this moment}
         *
         * @throws X ends the wait
         */
        T get() throws X;
    }

    /**
     * Waits until a condition holds.
     *
     * @param <X> what the condition throws
     * @param condition checked every millisecond
     * @throws X if the condition throws it
     */
    public static <X extends Exception> void until(Source<Boolean, X> condition) throws X {
        until(condition, holds -> holds);
    }

    /**
     * Waits until a call returns what a test expects.
     *
     * @param <T> the type of the result
     * @param <X> what the call throws
     * @param call called every millisecond
     * @param expected accepts the result
     * @return the first result that was accepted
     * @throws X if the call throws it
     */
    public static <T, X extends Exception> T until(
            Source<? extends T, X> call, Predicate<? super T> expected) throws X {
        long start = System.nanoTime();
        while (true) {
            T result = call.get();
            if (expected.test(result)) {
                return result;
            }
            if (System.nanoTime() - start >= Scene.DEADLINE_NANOS) {
                throw new AssertionError("timed out waiting; the last result was " + result);
            }
            LockSupport.parkNanos(INTERVAL_NANOS);
        }
    }
}
