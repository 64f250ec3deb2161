package io.uloop.poller;

import java.io.IOException;

/**
 * Watches descriptors and reports which are ready: the same contract on epoll, kqueue, poll(2) and
 * NIO select.
 *
 * <p>A registration lasts until it is removed. Remove before you close the descriptor; if you close
 * first, the poller drops the registration, says at most one {@link UEvent#NVAL} and never reports
 * the file that gets the number next.
 *
 * <p>Threads: one owner at a time. {@link #wakeup}, {@link #close} and {@link #isOpen} are for any
 * thread. {@link #add}, {@link #modify}, {@link #remove} and {@link #poll} throw {@link
 * IllegalStateException} while another thread is inside {@link #poll}; the first three also while
 * another thread is inside one of them. A poll that begins beside one of them starts when it ends.
 *
 * <p>Nothing is allocated from the wait to the sink on the native backends.
 *
 * @see Pollers#open()
 */
public interface Poller extends AutoCloseable {
    /**
     * Starts to watch a descriptor. Takes effect with the next {@link #poll}, which also reports
     * what was ready before.
     *
     * @param fd the descriptor, open and not registered here
     * @param interest bits of {@link UEvent#INTERESTS} and {@link UEvent#MODES}; {@link
     *     UEvent#NONE} registers it silently
     * @throws PollerException EEXIST if it is registered already; EBADF if it is negative or
     *     closed; EPERM if the kernel cannot wait for it, as for a regular file or directory on a
     *     disk; EINVAL if it is the poller's own, or for EXCLUSIVE with a bit other than IN, OUT
     *     and EDGE; ENOMEM, ENOSPC as the kernel says; then nothing has changed
     * @throws IllegalArgumentException if a bit is neither an interest nor a mode
     * @throws UnsupportedOperationException if this backend lacks a mode asked for
     * @throws IllegalStateException if another thread is polling, adding, modifying or removing
     * @throws ClosedPollerException if this poller is closed
     * @throws IOException never other than as above
     */
    void add(int fd, int interest) throws IOException;

    /**
     * Replaces the interest of a descriptor, and arms it again if it was ONESHOT or EDGE: a
     * condition that holds already is reported by the next {@link #poll}.
     *
     * @param fd a registered descriptor
     * @param interest as for {@link #add}; replaces the former one whole
     * @throws PollerException ENOENT if it is not registered; EBADF if it has been closed, which
     *     also ends its registration; ENOMEM, ENOSPC as the kernel says
     * @throws IllegalArgumentException if a bit is neither an interest nor a mode
     * @throws UnsupportedOperationException if this backend lacks a mode asked for
     * @throws IllegalStateException if another thread is polling, adding, modifying or removing
     * @throws ClosedPollerException if this poller is closed
     * @throws IOException never other than as above
     */
    void modify(int fd, int interest) throws IOException;

    /**
     * Stops watching a descriptor. An event of it that waits in the current batch is not delivered.
     *
     * @param fd a registered descriptor; it may have been closed meanwhile
     * @throws PollerException ENOENT if it is not registered
     * @throws IllegalStateException if another thread is polling, adding, modifying or removing
     * @throws ClosedPollerException if this poller is closed
     * @throws IOException never other than as above
     */
    void remove(int fd) throws IOException;

    /**
     * Waits until something is ready, then calls the sink once per ready descriptor, on this
     * thread. Returns 0 before the time is over only because of {@link #wakeup}, {@link #close} or
     * an interrupt. An interrupt ends one wait and keeps the thread's flag; polling on with the
     * flag set waits as usual.
     *
     * @param timeoutNanos how long to wait in nanoseconds: 0 does not wait, a negative one waits
     *     for ever. Never waits less; how much more depends on the kernel's timer, milliseconds on
     *     select
     * @param sink gets the events
     * @return how many events the sink got; 0 or more
     * @throws PollerException if the kernel's wait fails; never for EINTR, and not for want of
     *     memory: then the wait is tried again every 10 ms, and a warning is logged once a second
     * @throws IllegalStateException if a thread, this one included, is polling already
     * @throws ClosedPollerException if this poller is closed
     * @throws IOException never other than as above
     */
    int poll(long timeoutNanos, EventSink sink) throws IOException;

    /**
     * Makes the current wait, or else the next one, return at once. Any thread; never blocks; many
     * calls before one wait count as one; without effect once closed. Costs a system call only when
     * a thread is waiting.
     */
    void wakeup();

    /**
     * Tells whether {@link #close} has not been called yet. Any thread.
     *
     * @return true until closed
     */
    boolean isOpen();

    /**
     * Closes the poller; the descriptors registered with it stay open. Any thread, any number of
     * times. A thread that is polling is woken, gets no further event, and frees the poller's own
     * descriptors as it leaves; otherwise they are freed here.
     */
    @Override
    void close();
}
