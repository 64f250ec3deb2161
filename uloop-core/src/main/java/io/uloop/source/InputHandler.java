package io.uloop.source;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Handles bytes from a source. Called on the loop's thread. May pause and close the source.
 *
 * @since 0.1
 */
public interface InputHandler {
    /**
     * Handles bytes.
     *
     * @param bytes at least one byte, from the position to the limit, in the source's buffer; valid
     *     only during this call
     * @throws Exception any failure; the loop logs it and passes it to the {@link
     *     io.uloop.ErrorHandler}. The bytes are consumed, and the source stays registered
     */
    void received(ByteBuffer bytes) throws Exception;

    /**
     * Handles the end of the stream. The source is deregistered but not closed.
     *
     * @throws Exception any failure; the loop logs it and passes it to the {@link
     *     io.uloop.ErrorHandler}
     */
    void ended() throws Exception;

    /**
     * Handles the end of the stream after a failed read. The source is deregistered but not closed.
     * The default implementation throws the failure.
     *
     * @param failure the failure of the read
     * @throws Exception any failure; the loop logs it and passes it to the {@link
     *     io.uloop.ErrorHandler}
     */
    default void failed(IOException failure) throws Exception {
        throw failure;
    }
}
