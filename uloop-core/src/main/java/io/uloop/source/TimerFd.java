package io.uloop.source;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;

/**
 * A timer of the kernel, on the monotonic clock. It keeps nanoseconds, and counts what expires
 * while the loop is busy. Native backends on Linux; {@link Uloop#callLater} and {@link
 * Uloop#addPeriodic} cost no descriptor and are there on every backend.
 *
 * <p>For the thread that runs the loop, or while none does for any one thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/timerfd_create.2.html">timerfd_create(2)</a>
 */
public final class TimerFd implements AutoCloseable {
    private final Source source;

    private TimerFd(Source source) {
        this.source = source;
    }

    /**
     * Opens a timer that is not set, and joins the loop.
     *
     * @param loop the loop that will call
     * @param handler gets how often the timer has expired
     * @return the timer
     * @throws UnsupportedOperationException if the loop's backend has no such timers
     * @throws IllegalStateException if another thread runs the loop, or it is closed
     * @throws IOException EMFILE, ENFILE; ENOMEM, ENOSPC
     */
    public static TimerFd open(Uloop loop, CountHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        Descriptors descriptors = loop.descriptors();
        Source source =
                Source.opened(
                        loop,
                        "timerfd",
                        "use Uloop.callLater or Uloop.addPeriodic",
                        descriptors::timerfd);
        Count.join(source, handler);
        return new TimerFd(source);
    }

    /**
     * Sets the timer, whatever it was set to before; what has expired and was not reported yet is
     * forgotten.
     *
     * @param delay until it first expires, never earlier; more than zero, centuries mean never
     * @param period from then on, without drift; zero for once
     * @throws IllegalArgumentException if the delay is not more than zero or the period is less
     * @throws IllegalStateException if this is closed
     * @throws IOException never; declared because the descriptor's operation does
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/timerfd_settime.2.html">timerfd_settime(2)</a>
     */
    public void set(Duration delay, Duration period) throws IOException {
        if (delay.isNegative() || delay.isZero() || period.isNegative()) {
            throw new IllegalArgumentException(
                    "a timer needs a delay of more than zero and a period of zero or more, not "
                            + delay
                            + " and "
                            + period);
        }
        source.requireOpen();
        source.descriptors().setTimer(source.fd(), toNanos(delay), toNanos(period));
    }

    /**
     * Sets the timer to nothing; what has expired and was not reported yet is forgotten.
     *
     * @throws IllegalStateException if this is closed
     * @throws IOException never; declared because the descriptor's operation does
     */
    public void unset() throws IOException {
        source.requireOpen();
        source.descriptors().setTimer(source.fd(), 0, 0);
    }

    /**
     * Leaves the loop and closes the timer. Any number of times.
     *
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException EIO
     */
    @Override
    public void close() throws IOException {
        source.close();
    }

    @Override
    public String toString() {
        return source.describe("TimerFd");
    }

    private static long toNanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE; // 292 years
        }
    }
}
