package io.uloop.poller;

/**
 * Watches descriptors and reports which of them are ready. The contract is the same on epoll,
 * kqueue, poll(2) and NIO select.
 *
 * <p>A registration lasts until it is removed. Remove a descriptor before you close it. If you
 * close it first, the poller drops the registration, reports {@link UEvent#NVAL} at most once and
 * never reports another file that reuses the number.
 *
 * <p>{@link #wakeup}, {@link #close} and {@link #isOpen} are thread-safe. The other methods belong
 * to one owner thread at a time. {@link #add}, {@link #modify}, {@link #remove} and {@link #poll}
 * throw {@link IllegalStateException} while another thread is inside {@link #poll}. The first three
 * also throw it while another thread is inside one of them. A poll that starts during one of them
 * waits until it ends.
 *
 * <p>Failed system calls throw {@link PollerException} with the errno's name. Native backends
 * allocate nothing between the wait and the sink.
 *
 * @see Pollers#open()
 * @since 0.1
 */
public interface Poller extends AutoCloseable {
    /**
     * Registers a descriptor. The registration takes effect with the next {@link #poll}, which also
     * reports a condition that already holds.
     *
     * @param fd an open descriptor that is not registered here
     * @param interest bits of {@link UEvent#INTERESTS} and {@link UEvent#MODES}; {@link
     *     UEvent#NONE} registers the descriptor without reporting it
     * @throws PollerException EEXIST if the descriptor is already registered; EBADF if it is
     *     negative or closed; EPERM if the kernel cannot wait for it, as for a regular file or
     *     directory on a disk; EINVAL if it belongs to the poller, or for EXCLUSIVE with a bit
     *     other than IN, OUT and EDGE; ENOMEM or ENOSPC from the kernel. A failed call changes
     *     nothing
     * @throws IllegalArgumentException if a bit is neither an interest nor a mode
     * @throws UnsupportedOperationException if the backend does not support a requested mode
     * @throws ClosedPollerException if this poller is closed
     */
    void add(int fd, int interest) throws PollerException;

    /**
     * Replaces the interest of a descriptor. Rearms a ONESHOT or EDGE registration, so the next
     * {@link #poll} reports a condition that already holds.
     *
     * @param fd a registered descriptor
     * @param interest the new interest, as for {@link #add}; replaces the previous one completely
     * @throws PollerException ENOENT if the descriptor is not registered; EBADF if it was closed,
     *     which also ends its registration; ENOMEM or ENOSPC from the kernel
     * @throws IllegalArgumentException if a bit is neither an interest nor a mode
     * @throws UnsupportedOperationException if the backend does not support a requested mode
     * @throws ClosedPollerException if this poller is closed
     */
    void modify(int fd, int interest) throws PollerException;

    /**
     * Deregisters a descriptor. Its pending event in the current batch is not delivered.
     *
     * @param fd a registered descriptor, which may already be closed
     * @throws PollerException ENOENT if the descriptor is not registered
     * @throws ClosedPollerException if this poller is closed
     */
    void remove(int fd) throws PollerException;

    /**
     * Returns the interest of a descriptor. Any thread may call this to show it, and gets an
     * estimate.
     *
     * @param fd any number
     * @return the bits set by the last {@link #add} or {@link #modify}; -1 if the descriptor is not
     *     registered or this poller does not tell
     */
    default int interest(int fd) {
        return -1;
    }

    /**
     * Waits until a descriptor is ready, then calls the sink once per ready descriptor on this
     * thread. Returns 0 before the timeout only after {@link #wakeup}, {@link #close} or an
     * interrupt. An interrupt ends one wait and leaves the thread's interrupt flag set. Later polls
     * with the flag set wait as usual.
     *
     * @param timeoutNanos the timeout in nanoseconds; 0 does not wait, a negative value waits
     *     indefinitely. The wait is never shorter. How much longer it is depends on the kernel's
     *     timer, milliseconds on select
     * @param sink receives the events
     * @return the number of events delivered, 0 or more
     * @throws PollerException if the kernel's wait fails. EINTR is retried. When the kernel is out
     *     of memory, the wait is retried every 10 ms and a warning is logged at most once a second
     * @throws IllegalStateException if any thread, including this one, is already polling
     * @throws ClosedPollerException if this poller is closed
     */
    int poll(long timeoutNanos, EventSink sink) throws PollerException;

    /**
     * Like {@link #poll}, but waits until a point in time. A caller that knows its deadline saves a
     * reading of the clock, and epoll also saves the timeout of the kernel's wait while it is busy.
     *
     * @param deadlineNanos a value of {@link System#nanoTime}; a time in the past does not wait
     * @param sink receives the events
     * @return the number of events delivered, 0 or more
     * @throws PollerException as for {@link #poll}
     * @throws IllegalStateException if any thread, including this one, is already polling
     * @throws ClosedPollerException if this poller is closed
     */
    default int pollUntil(long deadlineNanos, EventSink sink) throws PollerException {
        return poll(Math.max(0, deadlineNanos - System.nanoTime()), sink);
    }

    /**
     * Returns whether the poll in progress, or otherwise the last one, may have waited. If not, its
     * events were ready when it began, and hardly any time has passed since. May be called by the
     * sink.
     *
     * @return true if in doubt
     */
    default boolean hasWaited() {
        return true;
    }

    /**
     * Returns a descriptor of this poller that another poller can watch, so that one wait covers
     * both. It is readable while {@link #poll} has something to deliver or a {@link #wakeup} is
     * pending, and may be readable when neither is so. Watch it level-triggered. When it is
     * readable, call {@link #poll} with a timeout of 0. It belongs to this poller, which closes it.
     *
     * <p>From the first call on, every {@link #wakeup} makes a system call, unless one is pending.
     *
     * @return the same number every time
     * @throws UnsupportedOperationException if the backend has no such descriptor, as poll(2) and
     *     select
     * @throws PollerException EMFILE, ENFILE, ENOMEM, ENOSPC
     * @throws IllegalStateException if another thread is inside this poller
     * @throws ClosedPollerException if this poller is closed
     */
    default int fd() throws PollerException {
        throw new UnsupportedOperationException(
                "this poller has no descriptor that another one can watch; use epoll or kqueue");
    }

    /**
     * Returns how long to wait for {@link #fd} at most before the next {@link #poll}. Not
     * thread-safe, like {@link #poll}.
     *
     * @return 0 if a poll would deliver something that the descriptor does not show, such as events
     *     left by a sink that has thrown; otherwise -1, without limit
     */
    default long timeoutNanos() {
        return -1;
    }

    /**
     * Makes the current wait, or otherwise the next one, return at once. Never blocks. Wakeups
     * before one wait are coalesced. Has no effect on a closed poller. Makes a system call only if
     * a thread is waiting or {@link #fd} has been called.
     */
    void wakeup();

    /** {@return whether {@link #close} has not been called} */
    boolean isOpen();

    /**
     * Closes this poller. Idempotent. Registered descriptors stay open. If a thread is polling, it
     * is woken, receives no further events and frees the poller's own descriptors on return.
     * Otherwise this call frees them.
     */
    @Override
    void close();
}
