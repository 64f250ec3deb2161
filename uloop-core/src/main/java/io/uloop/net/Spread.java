package io.uloop.net;

/** How the connections of one address come to the loops of a group. */
public enum Spread {
    /**
     * Each loop has a listener of its own on the same port, and the kernel chooses one by the
     * connection's addresses: the cheapest way, even with many clients and uneven with few. Linux
     * does so; other systems have the option, but most give all to one listener.
     */
    SHARED_PORT,

    /**
     * One loop accepts and hands over to all in turn: as even as can be, for a wakeup per
     * connection. Everywhere.
     */
    HAND_OVER
}
