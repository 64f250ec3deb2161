package io.uloop.fiber;

/**
 * Where the fibers of a {@link Fibers} run.
 *
 * @since 0.1
 */
public enum FiberMode {
    /**
     * Virtual threads that the loop's thread executes, in its turns. A fiber runs until an
     * operation that may wait, and neither another fiber nor a handler of the loop runs meanwhile,
     * so they can share data without locks, and fibers may call the loop's methods. A fiber that
     * never has to wait lets the loop poll after some system calls. One that computes for long, or
     * that waits while it is pinned, holds up the loop and all other fibers. When the loop is
     * closed, fibers end on its thread, and those that do not end soon continue on another one.
     *
     * <p>A lock that fibers and callbacks share with other threads can make the loop's thread wait
     * for a fiber that has the next turn to get it. Such a fiber continues on another thread,
     * beside the callback that waits, until it uses the loop or a channel. A warning names the
     * callback. A callback must not wait for a lock that a fiber holds while it waits or uses the
     * loop.
     *
     * <p>Virtual threads that the code of a fiber creates by other means than {@link Fibers} are
     * not fibers, and run on the scheduler of the JDK.
     *
     * <p>Requires JDK 21 to 25 and the option {@code --add-opens java.base/java.lang=ALL-UNNAMED},
     * or {@code =io.uloop} on the module path.
     */
    LOOP,
    /**
     * Virtual threads on the scheduler of the JDK. Fibers run in parallel, with each other and with
     * the loop, so shared data needs locks. A pinned fiber occupies one of the JDK's carrier
     * threads and does not hold up the loop. With one processor, the loop lets the fibers that it
     * has woken run, for at most a millisecond, before it polls again. A fiber that never has to
     * wait lets others run after 1024 system calls. Requires JDK 21.
     */
    JDK,
    /**
     * One daemon platform thread for each fiber. Fibers run in parallel, with each other and with
     * the loop, so shared data needs locks. There is no pinning, but thousands of fibers need much
     * memory. Works on every JDK.
     */
    PLATFORM;

    /** Returns the first mode that this JVM supports. */
    static FiberMode best() {
        if (VirtualThreadFactory.whyNotScheduled() == null) {
            return LOOP;
        }
        return VirtualThreadFactory.whyNotVirtual() == null ? JDK : PLATFORM;
    }
}
