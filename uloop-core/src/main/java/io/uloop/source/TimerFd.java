package io.uloop.source;

import io.uloop.Uloop;
import io.uloop.poller.NativeDescriptors;
import io.uloop.stream.Source;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;

/**
 * A kernel timer on the monotonic clock. It has nanosecond resolution and counts expirations while
 * the loop is busy. Requires a native backend on Linux. {@link Uloop#callLater} and {@link
 * Uloop#addPeriodic} need no descriptor and work on every backend.
 *
 * <pre>{@code
 * TimerFd timer = TimerFd.open(loop, count -> expired(count));
 * timer.set(Duration.ofSeconds(1), Duration.ofMillis(20)); // first, then every
 * }</pre>
 *
 * <p>Not thread-safe: call from the loop's thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/timerfd_create.2.html">timerfd_create(2)</a>
 * @since 0.1
 */
public final class TimerFd extends EventSource {
    private final Source source;

    private TimerFd(Source source) {
        this.source = source;
    }

    /**
     * Opens a timer that is not set, and registers it.
     *
     * @param loop the loop that calls the handler
     * @param handler receives the number of expirations
     * @return the timer
     * @throws UnsupportedOperationException if the loop's backend does not support timerfd
     * @throws IllegalStateException if the loop is closed
     * @throws IOException EMFILE, ENFILE, ENOMEM or ENOSPC
     */
    public static TimerFd open(Uloop loop, CountHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        int opened =
                Source.open(
                        loop,
                        "timerfd",
                        "use Uloop.callLater or Uloop.addPeriodic",
                        NativeDescriptors::timerfd);
        Source source = new Source(loop, TimerFd.class, opened, null);
        Count.join(source, handler);
        return new TimerFd(source);
    }

    /**
     * Sets the timer. Replaces the previous setting and discards expirations that were not reported
     * yet.
     *
     * @param delay until the first expiration, never earlier; more than zero, centuries mean never
     * @param period of further expirations, without drift; zero for a single expiration
     * @throws IllegalArgumentException if the delay is zero or negative, or the period is negative
     * @throws IllegalStateException if this is closed
     * @throws IOException if the system call fails, which does not happen for an open timer
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/timerfd_settime.2.html">timerfd_settime(2)</a>
     */
    public void set(Duration delay, Duration period) throws IOException {
        if (delay.isNegative() || delay.isZero() || period.isNegative()) {
            throw new IllegalArgumentException(
                    "the delay must be more than zero and the period zero or more, not "
                            + delay
                            + " and "
                            + period);
        }
        source.requireOpen();
        source.nativeDescriptors().setTimer(source.fd(), toNanos(delay), toNanos(period));
        source.keep();
    }

    /**
     * Stops the timer. Discards expirations that were not reported yet.
     *
     * @throws IllegalStateException if this is closed
     * @throws IOException if the system call fails, which does not happen for an open timer
     */
    public void unset() throws IOException {
        source.requireOpen();
        source.nativeDescriptors().setTimer(source.fd(), 0, 0);
        source.keep();
    }

    /**
     * Deregisters and closes the timer. Idempotent.
     *
     * @throws IOException EIO if closing the descriptor fails
     */
    @Override
    public void close() throws IOException {
        source.close();
    }

    @Override
    Source source() {
        return source;
    }

    private static long toNanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE; // 292 years
        }
    }
}
