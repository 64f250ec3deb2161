package io.uloop.group;

/**
 * How the connections of one address are distributed over the loops of a group.
 *
 * @since 0.1
 */
public enum Spread {
    /**
     * Each loop has its own listener on the same port. The kernel chooses the listener by the
     * connection's addresses. This is the cheapest way. It is even with many clients and uneven
     * with few.
     *
     * <p>Works on Linux. Other systems have the option, but most give all connections to one
     * listener.
     */
    SHARED_PORT,

    /**
     * One loop accepts and hands connections to all loops in rotation. This is as even as possible,
     * at the cost of one wakeup per connection. Works on every system.
     */
    HAND_OVER
}
