package io.uloop.connection;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Gets the result of writes; see {@link Connection#write(ByteBuffer, SentHandler)}. The call comes
 * on the loop's thread, never inside another call of the connection, and before {@link
 * ConnectionHandler#closed}. Handlers of one connection are called in the order of the writes.
 *
 * <p>One object can handle any number of writes. Then the calls allocate nothing.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface SentHandler {
    /**
     * Called once for each write.
     *
     * @param failure null if the kernel has taken all of the bytes, which does not mean that the
     *     peer has received them; otherwise why they were lost: the cause for {@link
     *     ConnectionHandler#closed}, or a {@link java.nio.channels.ClosedChannelException} if the
     *     output was closed before the write, or after {@link Connection#abort}
     * @throws Exception aborts the connection, as an exception of a {@link ConnectionHandler} does
     */
    void sent(@Nullable Throwable failure) throws Exception;
}
