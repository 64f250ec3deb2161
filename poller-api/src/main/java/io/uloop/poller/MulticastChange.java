package io.uloop.poller;

/**
 * A change of a socket's membership in a multicast group.
 *
 * @since 0.1
 */
public enum MulticastChange {
    /** Joins a group, for datagrams from any source or from one. */
    JOIN,
    /** Leaves a group, which was joined with the same source. */
    LEAVE,
    /** Drops datagrams from a source. Requires a membership for any source. */
    BLOCK,
    /** Receives datagrams from a blocked source again. */
    UNBLOCK
}
