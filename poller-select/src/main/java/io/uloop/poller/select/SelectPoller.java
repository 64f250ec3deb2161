package io.uloop.poller.select;

import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.spi.ReadinessPoller;
import io.uloop.poller.spi.Registrations;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Waits in a {@link java.nio.channels.Selector}. Two operations are deferred to the next wait.
 *
 * <p>A removed key is silenced at once but cancelled later. NIO refuses to register a channel whose
 * cancelled key it has not processed yet, so an add before then reuses the old key.
 *
 * <p>A connecting socket is watched with OP_CONNECT until its connect is finished, which the key
 * does not report. The keys of unconnected sockets are therefore updated before each wait.
 */
final class SelectPoller extends ReadinessPoller {
    private static final System.Logger LOGGER = System.getLogger("io.uloop.poller.select");

    private final SharedSelector selector = new SharedSelector();
    private final SelectDescriptors descriptors;
    private final Consumer<SelectionKey> collector = this::collect;
    private final List<Watch> unsettled = new ArrayList<>();
    private final List<Watch> ready = new ArrayList<>();
    private @Nullable Watch[] watches = new Watch[64];

    SelectPoller(SelectDescriptors descriptors) throws PollerException {
        super("select", SelectProvider.SUPPORTED_EVENTS, descriptors::closes);
        this.descriptors = descriptors;
    }

    /** Removes a channel that is closed, or about to be closed, from the selector. Thread-safe. */
    void release(SelectableChannel channel) throws IOException {
        selector.release(channel);
    }

    @Override
    protected void await(long timeoutNanos) throws PollerException {
        settle();
        selector.select(collector, timeoutNanos);
        for (int i = 0; i < ready.size(); i++) {
            Watch watch = ready.get(i);
            report(watch.token, watch.events);
            watch.events = 0;
        }
        ready.clear();
    }

    /**
     * Collects a ready key. Some selectors report a key more than once, with different operations.
     */
    private void collect(SelectionKey key) {
        int operations;
        try {
            operations = key.readyOps();
        } catch (CancelledKeyException e) { // another thread has just closed the channel
            return;
        }
        Watch watch = (Watch) key.attachment();
        if (watch.events == 0) {
            ready.add(watch);
        }
        watch.events |= Watch.events(operations, interest(watch));
    }

    /**
     * Cancels the keys removed since the last wait, and updates keys whose connect has finished.
     */
    private void settle() {
        for (int i = unsettled.size() - 1; i >= 0; i--) {
            Watch watch = unsettled.get(i);
            if (!watch.attached) {
                watch.key.cancel();
            } else if (watch.watch(interest(watch)) && watch.isConnecting()) {
                continue;
            }
            watch.unsettled = false;
            Watch last = unsettled.remove(unsettled.size() - 1);
            if (last != watch) {
                unsettled.set(i, last);
            }
        }
    }

    /** Adds a watch to the list of those to update before the next wait, at most once. */
    private void review(Watch watch) {
        if (!watch.unsettled && (!watch.attached || watch.isConnecting())) {
            watch.unsettled = true;
            unsettled.add(watch);
        }
    }

    private int interest(Watch watch) {
        int fd = Registrations.fd(watch.token);
        return registrations().isArmed(fd) ? registrations().interest(fd) : UEvent.NONE;
    }

    @Override
    protected void register(int fd, int interest, long token) throws PollerException {
        SelectableChannel channel = descriptors.channel(fd);
        if (channel == null || !channel.isOpen()) {
            throw ChannelErrors.notOpen("select", fd);
        }
        Watch watch = watch(fd, channel);
        if (!watch.watch(interest)) {
            throw ChannelErrors.notOpen("select", fd);
        }
        watch.token = token;
        watch.attached = true;
        if (fd >= watches.length) {
            watches = Arrays.copyOf(watches, Math.max(fd + 1, watches.length * 2));
        }
        watches[fd] = watch;
        review(watch);
    }

    private Watch watch(int fd, SelectableChannel channel) throws PollerException {
        SelectionKey key = selector.key(channel);
        if (key != null) {
            return (Watch) key.attachment(); // removed, and added again before the next wait
        }
        try {
            return new Watch(selector.register(channel));
        } catch (IOException | RuntimeException e) {
            throw ChannelErrors.translate("select", "ADD", fd, channel.isOpen(), e);
        }
    }

    @Override
    protected void reregister(int fd, int interest, long token) throws PollerException {
        Watch watch = watches[fd];
        if (watch == null || isStale(fd) || !watch.watch(interest)) {
            throw ChannelErrors.notOpen("select", fd);
        }
        watch.token = token;
        review(watch);
    }

    @Override
    protected void unregister(int fd) {
        Watch watch = watches[fd];
        if (watch != null) {
            watches[fd] = null;
            watch.attached = false;
            if (watch.watch(UEvent.NONE)) {
                review(watch);
            }
        }
    }

    @Override
    protected boolean isStale(int fd) {
        Watch watch = watches[fd];
        return watch == null
                || !watch.key.isValid()
                || watch.key.channel() != descriptors.channel(fd);
    }

    /** The selector's own descriptors have no numbers here. */
    @Override
    protected boolean owns(int fd) {
        return false;
    }

    @Override
    protected void disarm(int fd) {
        Watch watch = watches[fd];
        if (watch != null) {
            watch.watch(UEvent.NONE); // false is silent, too
        }
    }

    @Override
    protected void signal() {
        selector.wakeup();
    }

    @Override
    protected void free() {
        descriptors.forget(this);
        try {
            selector.close();
        } catch (IOException e) { // no caller could handle it
            LOGGER.log(System.Logger.Level.WARNING, "cannot close a selector", e);
        }
    }
}
