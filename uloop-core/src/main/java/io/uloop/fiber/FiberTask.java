package io.uloop.fiber;

/**
 * The code of a fiber that returns nothing.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface FiberTask {
    /**
     * Runs in the fiber. May wait.
     *
     * @throws Exception any failure, see {@link Fiber}
     */
    void run() throws Exception;
}
