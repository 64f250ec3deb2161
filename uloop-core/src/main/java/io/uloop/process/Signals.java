package io.uloop.process;

import io.uloop.RefHandle;
import io.uloop.Uloop;
import io.uloop.poller.NativeDescriptors;
import java.io.IOException;

/**
 * Signals to this process and to others.
 *
 * <pre>{@code
 * Signals.on(loop, "TERM", signal -> loop.stop());
 * Signals.send(loop, pid, "HUP");
 * }</pre>
 *
 * <p>Thread-safe.
 *
 * @since 0.1
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
     * @return a thread-safe handle that removes the handler when closed; closing the loop does so
     *     too. It does not keep {@link Uloop#runUntilIdle} waiting before {@link RefHandle#ref} is
     *     called
     * @throws IllegalArgumentException if the signal does not exist or is reserved by the kernel or
     *     the JVM; the message lists the available signals
     * @throws UnsupportedOperationException if the JVM lacks the module jdk.unsupported
     * @throws IllegalStateException if the loop is closed
     * @see <a href="https://man7.org/linux/man-pages/man7/signal.7.html">signal(7)</a>
     */
    public static RefHandle on(Uloop loop, String name, SignalHandler handler) {
        return SignalCalls.open(loop, name, handler);
    }

    /**
     * Sends a signal to a process. The id of a child that was reaped may belong to another process,
     * so use {@link SpawnedProcess#signal} for those.
     *
     * @param loop a loop on a native backend
     * @param pid the id of the process, 1 or more
     * @param name for example {@code "TERM"} or {@code "SIGTERM"}, or a number
     * @throws IllegalArgumentException if the signal does not exist or the id is less than 1
     * @throws UnsupportedOperationException if the loop's backend is select
     * @throws IOException ESRCH if there is no such process; EPERM if it belongs to another user
     * @see <a href="https://man7.org/linux/man-pages/man2/kill.2.html">kill(2)</a>
     */
    public static void send(Uloop loop, long pid, String name) throws IOException {
        send(loop, pid, 1, name);
    }

    /**
     * Sends a signal to all processes of a process group.
     *
     * @param loop a loop on a native backend
     * @param group the id of the group, which is that of its leader
     * @param name for example {@code "TERM"} or {@code "SIGTERM"}, or a number
     * @throws IllegalArgumentException if the signal does not exist or the id is less than 2
     * @throws UnsupportedOperationException if the loop's backend is select
     * @throws IOException ESRCH if there is no such group; EPERM if all members belong to other
     *     users
     * @see <a href="https://man7.org/linux/man-pages/man2/kill.2.html">kill(2)</a>
     */
    public static void sendToGroup(Uloop loop, long group, String name) throws IOException {
        send(loop, -group, -1, name);
    }

    private static void send(Uloop loop, long id, int sign, String name) throws IOException {
        if (id * sign < 1 || id == -1) {
            throw new IllegalArgumentException("a signal cannot be sent to " + id * sign);
        }
        NativeDescriptors.of(loop.provider()).processes().kill(id, SignalNumbers.number(name));
    }
}
