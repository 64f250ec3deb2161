package io.uloop.fiber;

/**
 * What a fiber is doing.
 *
 * @since 0.1
 */
public enum FiberState {
    /** It runs or can run. */
    RUNNABLE,
    /** It waits for a descriptor. */
    WAITING_FOR_DESCRIPTOR,
    /** It sleeps. */
    SLEEPING,
    /** It waits for the end of another fiber. */
    JOINING,
    /** It waits for something that Uloop does not know, such as a lock or a queue. */
    BLOCKED,
    /** It has ended. */
    ENDED
}
