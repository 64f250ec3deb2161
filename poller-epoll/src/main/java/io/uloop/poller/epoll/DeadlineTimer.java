package io.uloop.poller.epoll;

import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.file.LinuxFiles;

/**
 * A timerfd in the epoll set that ends waits at a deadline. A wait with a timeout costs the kernel
 * about 110 ns more than one without, even if an event ends it at once. While this timer runs,
 * waits need no timeout.
 *
 * <p>It is started when the previous wait with a timeout was ended by an event, so that loops that
 * mostly wait for their timers do not pay for a second system call. It is not started again for
 * deadlines that are later than its own. It then ends a wait too early once, and the caller waits
 * again.
 *
 * <p>Not thread-safe: call from the poller's thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/timerfd_create.2.html">timerfd_create(2)</a>
 */
final class DeadlineTimer {
    private static final int ABSENT = -1;

    private final int fd;
    private boolean running;
    private boolean wanted;
    private long deadlineNanos;

    private DeadlineTimer(int fd) {
        this.fd = fd;
    }

    /**
     * Opens a timer that does not run.
     *
     * @return a timer that can never be started if the kernel or a seccomp filter lacks the call
     * @throws PollerException EMFILE, ENFILE, ENOMEM
     */
    static DeadlineTimer open() throws PollerException {
        try {
            return new DeadlineTimer(LinuxFiles.timerfd());
        } catch (PollerException e) {
            if (Posix.isRefusedByKernel(Posix.number(e.errno()))) {
                return new DeadlineTimer(ABSENT);
            }
            throw e;
        }
    }

    /** {@return the descriptor, or a negative number if this system has no such timers} */
    int fd() {
        return fd;
    }

    boolean owns(int number) {
        return number == fd && fd != ABSENT;
    }

    /** {@return whether the timer runs and ends a wait at this time or earlier} */
    boolean endsBy(long nanoTime) {
        return running && deadlineNanos - nanoTime <= 0;
    }

    /**
     * Starts the timer if this is worthwhile.
     *
     * @param nanoTime the deadline, as a value of {@link System#nanoTime}
     * @param timeoutNanos the time from now to the deadline, more than 0
     * @return whether it runs; if not, the caller must wait with a timeout
     */
    boolean start(long nanoTime, long timeoutNanos) {
        if (!wanted) {
            return false;
        }
        wanted = false;
        try {
            LinuxFiles.setTimer(fd, timeoutNanos, 0);
        } catch (PollerException e) {
            return false; // a filter may refuse the call, and a wait with a timeout needs no timer
        }
        deadlineNanos = nanoTime;
        running = true;
        return true;
    }

    /**
     * Records the end of a wait with a timeout.
     *
     * @param early whether an event ended it
     */
    void waited(boolean early) {
        wanted = early && fd != ABSENT;
    }

    /** Records that the timer has ended a wait. It need not be read: the next start resets it. */
    void expired() {
        running = false;
    }

    void close() {
        if (fd != ABSENT) {
            Libc.CALLS.close(fd);
        }
    }
}
