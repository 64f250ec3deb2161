package io.uloop.poller.select;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.UEvent;
import org.jspecify.annotations.Nullable;

/**
 * The fallback backend, based only on {@link java.nio.channels.Selector}. Thread-safe.
 *
 * <p>A descriptor is a number that represents an NIO channel: the lowest free one from 3, unrelated
 * to the system's descriptors. A JDK channel passed to {@link Descriptors#fileno} must be
 * {@linkplain java.nio.channels.SelectableChannel#configureBlocking non-blocking} before a poller
 * adds it, otherwise add fails with EINVAL. After its owner closes it, its number is EBADF and may
 * later be assigned to another channel.
 *
 * <p>NIO differs from a kernel as follows:
 *
 * <ul>
 *   <li>Events are IN and OUT only. End of stream and errors are reported by the read or write.
 *       Timeouts are rounded up to whole milliseconds.
 *   <li>A connect that fails, even with EAGAIN, closes the channel. The number stays in use until
 *       it is closed, and every other use of it fails with EBADF.
 *   <li>A listener binds and listens in one step, with {@link Descriptors#listen} only. Listening
 *       sockets have SO_REUSEADDR except on Windows. INET6 sockets also accept IPv4.
 *   <li>An unconnected datagram socket rejects scattering reads (ENOTCONN). A connected one refuses
 *       to send to another peer (EISCONN) and does not send empty datagrams. Unix-domain datagram
 *       sockets are not supported.
 *   <li>{@link Descriptors#close} releases the system's descriptor before it returns, with one
 *       exception. If another thread waits in a poller that watched the channel, close wakes that
 *       thread, and the descriptor is released after the wakeup. A channel closed by its owner
 *       keeps the system's descriptor until each poller that watched it polls again or is closed.
 *   <li>The errno is derived from the JDK's exceptions and messages. An unknown or localized
 *       message becomes EIO with the exception as its cause.
 *   <li>A thread that polls while interrupted does not appear interrupted during the wait.
 * </ul>
 *
 * @since 0.1
 */
public final class SelectProvider implements PollerProvider {
    static final int SUPPORTED_EVENTS = UEvent.IN | UEvent.OUT | UEvent.ONESHOT;

    private static final SelectDescriptors DESCRIPTORS = new SelectDescriptors();

    /** Creates a provider. Called by {@link java.util.ServiceLoader}. */
    public SelectProvider() {}

    @Override
    public String name() {
        return "select";
    }

    @Override
    public int priority() {
        return 100;
    }

    @Override
    public @Nullable String unavailability() {
        return null;
    }

    @Override
    public int supportedEvents() {
        return SUPPORTED_EVENTS;
    }

    @Override
    public Poller open() throws PollerException {
        return DESCRIPTORS.openPoller();
    }

    @Override
    public Descriptors descriptors() {
        return DESCRIPTORS;
    }
}
