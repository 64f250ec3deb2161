package io.uloop.process;

/**
 * Handles the exit of a child process; see {@link Exits#on(io.uloop.Uloop, Process, ExitHandler)}.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface ExitHandler {
    /**
     * Called once on the loop's thread after the process has exited. Its output may still be
     * unread.
     *
     * @param process the process
     * @param status the value passed to exit(3), 0 to 255, or 128 + n if signal n terminated the
     *     process; the two cannot be distinguished
     * @throws Exception any failure; the loop logs it and passes it to the {@link
     *     io.uloop.ErrorHandler}
     */
    void exited(Process process, int status) throws Exception;
}
