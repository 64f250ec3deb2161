package io.uloop.source;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes what comes in. Called on the loop's thread; it may pause and close the source. */
public interface InputHandler {
    /**
     * Takes bytes.
     *
     * @param bytes at least one, from the position to the limit; the source's buffer, valid during
     *     this call alone
     * @throws Exception is logged and goes to the loop's {@link io.uloop.ErrorHandler}; the bytes
     *     have been taken, and the source goes on
     */
    void received(ByteBuffer bytes) throws Exception;

    /**
     * Hears that nothing more comes. The source has left the loop, and is still to be closed.
     *
     * @throws Exception is logged and goes to the loop's {@link io.uloop.ErrorHandler}
     */
    void ended() throws Exception;

    /**
     * Hears that nothing more comes because a read failed. The source has left the loop, and is
     * still to be closed. Throws the failure unless overridden.
     *
     * @param failure why
     * @throws Exception is logged and goes to the loop's {@link io.uloop.ErrorHandler}
     */
    default void failed(IOException failure) throws Exception {
        throw failure;
    }
}
