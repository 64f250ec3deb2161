package io.uloop.examples;

import java.nio.ByteBuffer;

/** What a server answers: the one thing in which the servers here differ. */
@FunctionalInterface
interface Reply {
    /**
     * Replaces what a client has sent by what it gets.
     *
     * @param buffer holds the request from position to limit, then in the same way the reply
     */
    void replace(ByteBuffer buffer);
}
