package io.uloop.net;

import io.uloop.poller.PollerException;

/**
 * Handles the events of a {@link DatagramQueue}, on its loop's thread.
 *
 * @since 0.1
 */
public interface DatagramQueueHandler {
    /**
     * Handles room in a queue that has refused a datagram: at least half of it is free.
     *
     * @param queue the queue
     * @throws Exception is passed to the loop's {@link io.uloop.ErrorHandler}
     */
    default void writable(DatagramQueue queue) throws Exception {}

    /**
     * Handles the failure of a queued datagram, which is dropped. On a connected socket, an ICMP
     * refusal of an earlier datagram is reported here too, and then nothing is dropped.
     *
     * @param queue the queue
     * @param error the failure; its message names the receiver
     * @throws Exception is passed to the loop's {@link io.uloop.ErrorHandler}
     */
    default void failed(DatagramQueue queue, PollerException error) throws Exception {}
}
