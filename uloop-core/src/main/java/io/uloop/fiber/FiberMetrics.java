package io.uloop.fiber;

/**
 * A snapshot of what a {@link Fibers} has done.
 *
 * @param mode where the fibers run
 * @param started fibers started
 * @param finished fibers that have ended, normally or not
 * @param failed fibers that have ended with an exception, except those interrupted by {@link
 *     Fiber#interrupt}
 * @since 0.1
 */
public record FiberMetrics(FiberMode mode, long started, long finished, long failed) {
    /** {@return the fibers that have not ended} */
    public long live() {
        return started - finished;
    }
}
