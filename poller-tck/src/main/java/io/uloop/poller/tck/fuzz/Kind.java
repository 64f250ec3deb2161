package io.uloop.poller.tck.fuzz;

/**
 * The kinds of files that a step can open. The shrinker tries them in this order, simplest first.
 */
enum Kind {
    /** A pipe: the read end and the write end. */
    PIPE(2, false),
    UNIX(2, false),
    EVENTFD(1, false),
    TCP(2, true),
    /** Two datagram sockets, connected to each other. */
    UDP(2, true),
    /** A pseudo-terminal: the master and the slave. */
    PTY(2, true),
    LISTENER(1, true),
    /** A regular file, which no poller accepts. */
    FILE(1, false);

    final int descriptors;

    /**
     * Whether an operation on one end may reach the other some time after the call has returned,
     * through a queue of the kernel.
     */
    final boolean isDeferred;

    /** Returns whether it is a byte stream that takes writes of any size. */
    boolean isStream() {
        return this == PIPE || this == UNIX || this == TCP;
    }

    Kind(int descriptors, boolean isDeferred) {
        this.descriptors = descriptors;
        this.isDeferred = isDeferred;
    }
}
