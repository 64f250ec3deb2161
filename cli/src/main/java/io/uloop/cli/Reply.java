package io.uloop.cli;

import java.nio.ByteBuffer;

/** Produces the answer to a request. Servers of the same protocol differ only in this. */
@FunctionalInterface
interface Reply {
    /**
     * Replaces a request with its reply.
     *
     * @param buffer holds the request from position to limit; on return, the reply in the same way
     */
    void replace(ByteBuffer buffer);
}
