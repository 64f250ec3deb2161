package io.uloop.poller.tck.fuzz;

/**
 * What a step can open; simpler ones first, because a shorter script is looked for in this order.
 */
enum Kind {
    /** The read end, the write end. */
    PIPE(2, false),
    UNIX(2, false),
    EVENTFD(1, false),
    TCP(2, true),
    /** Two datagram sockets, connected to each other. */
    UDP(2, true),
    /** The master, the slave. */
    PTY(2, true),
    LISTENER(1, true),
    /** A regular file, which no poller takes. */
    FILE(1, false);

    final int descriptors;

    /**
     * Whether what is done to one end reaches the other through a queue of the kernel, some time
     * after the call has returned.
     */
    final boolean isDeferred;

    Kind(int descriptors, boolean isDeferred) {
        this.descriptors = descriptors;
        this.isDeferred = isDeferred;
    }
}
