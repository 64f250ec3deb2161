package io.uloop.poller.select;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.UEvent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The fallback backend, on {@link java.nio.channels.Selector} alone. Any thread.
 *
 * <p>A descriptor is a number that stands for a NIO channel: the lowest free one from 3, unrelated
 * to the system's. A JDK channel given to {@link Descriptors#fileno} has to be {@linkplain
 * java.nio.channels.SelectableChannel#configureBlocking non-blocking} before a poller adds it, else
 * EINVAL; once its owner closes it, its number is EBADF and in time another channel's.
 *
 * <p>What NIO does differently from a kernel:
 *
 * <ul>
 *   <li>Events are IN and OUT; ends and errors come from the read or the write. Timeouts are whole
 *       milliseconds, rounded up.
 *   <li>A connect that fails, EAGAIN included, closes the channel: the number stays taken until it
 *       is closed, every other use of it is EBADF.
 *   <li>A listener binds and listens in one step, by {@link Descriptors#listen} only. Listening
 *       sockets have SO_REUSEADDR except on Windows, INET6 sockets take IPv4 too.
 *   <li>An unconnected datagram socket refuses scattering reads (ENOTCONN); a connected one refuses
 *       to send to another peer (EISCONN) and does not send empty datagrams. There are no
 *       unix-domain datagrams.
 *   <li>{@link Descriptors#close} gives the system's descriptor back before it returns, unless
 *       another thread waits in a poller where it was registered: then as soon as that thread has
 *       woken, for which it is woken. A channel that its owner closes keeps the system's descriptor
 *       until the next poll of each poller that watched it, or their close.
 *   <li>errno names are read off the JDK's exceptions and messages; one in an unknown wording, or
 *       in the system's own language, is EIO with the exception as its cause.
 *   <li>A thread that polls while interrupted shows no interrupt during the wait.
 * </ul>
 */
public final class SelectProvider implements PollerProvider {
    static final int SUPPORTED_EVENTS = UEvent.IN | UEvent.OUT | UEvent.ONESHOT;

    private static final SelectDescriptors DESCRIPTORS = new SelectDescriptors();

    /** Makes one; {@link java.util.ServiceLoader} does. */
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
    public Poller open() throws IOException {
        return DESCRIPTORS.openPoller();
    }

    @Override
    public Descriptors descriptors() {
        return DESCRIPTORS;
    }
}
