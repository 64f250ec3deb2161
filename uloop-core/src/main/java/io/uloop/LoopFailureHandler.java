package io.uloop;

/** Is told when a loop of a {@link UloopGroup} has failed, after that was logged. */
@FunctionalInterface
public interface LoopFailureHandler {
    /**
     * Takes the failure, on the thread of the loop, which ends thereafter. What is thrown here is
     * logged and nothing more.
     *
     * @param group whose loop it is
     * @param index which one, 0 to {@link UloopGroup#size} - 1; it is closed
     * @param failure what {@link Uloop#run} has thrown, or a {@link UloopGroup#atEnd} task
     */
    void onFailure(UloopGroup group, int index, Throwable failure);
}
