package io.uloop.source;

/**
 * Handles the count of an {@link EventFd} or {@link TimerFd}.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface CountHandler {
    /**
     * Called on the loop's thread with the count since the last call. It may close the source.
     *
     * @param count 1 or more; an unsigned number, so negative beyond {@link Long#MAX_VALUE}
     * @throws Exception any failure; the loop logs it and passes it to the {@link
     *     io.uloop.ErrorHandler}. The count is consumed, and the source stays registered
     */
    void counted(long count) throws Exception;
}
