package io.uloop.internal;

import io.uloop.memory.BufferShare;
import io.uloop.memory.LoopBuffers;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The inside of a connection, for packages of this module that divide its bytes into messages.
 * Every connection implements it.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
public interface ConnectionAccess {
    /**
     * Returns whether the handler may get input now.
     *
     * @return false while reading is paused and during a TLS handshake, and after the connection is
     *     closed
     */
    boolean takesInput();

    /**
     * Keeps bytes that the handler does not take now. Call in {@code received}. If reading is
     * paused, {@code received} gets them again before all others when it resumes. If TLS has been
     * started, they belong to the handshake. If the connection is closed, they are discarded.
     *
     * @param rest the buffer of {@code received}, with its position behind the bytes that have been
     *     taken
     */
    void keep(ByteBuffer rest);

    /** Calls {@code inputClosed} again when reading resumes, which is paused. */
    void keepEnd();

    /**
     * Resets the connection because of what its peer has sent.
     *
     * @param cause the cause for {@code closed}
     */
    void reject(IOException cause);

    /** {@return the buffers of the loop} */
    LoopBuffers buffers();

    /** {@return what counts the memory that the connection holds} */
    BufferShare share();
}
