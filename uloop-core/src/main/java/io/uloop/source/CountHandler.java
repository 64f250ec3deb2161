package io.uloop.source;

/** Is told how often something has happened. */
@FunctionalInterface
public interface CountHandler {
    /**
     * Takes what has added up since the last call, on the loop's thread. It may close the source.
     *
     * @param count 1 or more; beyond {@link Long#MAX_VALUE} it is negative, an unsigned number
     * @throws Exception is logged and goes to the loop's {@link io.uloop.ErrorHandler}; the count
     *     has been taken, and the source goes on
     */
    void counted(long count) throws Exception;
}
