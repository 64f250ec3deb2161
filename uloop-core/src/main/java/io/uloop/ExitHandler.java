package io.uloop;

/** Is told of the end of a process that {@link Uloop#watch(Process, ExitHandler)} watches. */
@FunctionalInterface
public interface ExitHandler {
    /**
     * Takes the end of a process, once, on the loop's thread. What it wrote before may still be
     * unread.
     *
     * @param process what has ended
     * @param status what it gave to exit(3), 0 to 255, or 128 + n when signal n ended it; the two
     *     cannot be told apart
     * @throws Exception is logged and goes to the loop's {@link ErrorHandler}
     */
    void exited(Process process, int status) throws Exception;
}
