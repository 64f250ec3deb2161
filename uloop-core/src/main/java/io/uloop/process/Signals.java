package io.uloop.process;

import io.uloop.Handle;
import io.uloop.Uloop;

/**
 * Signals to this process.
 *
 * <pre>{@code
 * Signals.on(loop, "TERM", signal -> loop.stop());
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class Signals {
    private Signals() {}

    /**
     * Calls a handler on a signal to the process and replaces the JVM's own reaction, so HUP, INT
     * and TERM no longer terminate the process. Any number of handlers on any number of loops may
     * share a signal. The JVM's reaction is restored when the last of them is closed.
     *
     * <p>One call may stand for several signals: a call follows every signal, but signals that
     * arrive before that call has started share it. HUP, INT and TERM stay ignored if they were
     * ignored when the JVM started, as nohup(1) does with HUP.
     *
     * @param loop the loop that calls the handler; it need not run or wait for signals
     * @param name for example {@code "TERM"} or {@code "SIGTERM"}
     * @param handler called on the loop's thread
     * @return a handle that removes the handler when closed by any thread; closing the loop does so
     *     too
     * @throws IllegalArgumentException if the signal does not exist or is reserved by the kernel or
     *     the JVM; the message lists the available signals
     * @throws UnsupportedOperationException if the JVM lacks the module jdk.unsupported
     * @throws IllegalStateException if the loop is closed
     * @see <a href="https://man7.org/linux/man-pages/man7/signal.7.html">signal(7)</a>
     */
    public static Handle on(Uloop loop, String name, SignalHandler handler) {
        return SignalCalls.open(loop, name, handler);
    }
}
