package io.uloop.poller.select;

import io.uloop.poller.PollerException;
import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A selector in which one thread waits while other threads remove channels from it.
 *
 * <p>A cancelled key stays with its channel, and keeps a closed channel's descriptor open, until
 * the next selection. A second thread that selects blocks for as long as the first one waits. So
 * {@link #release} selects only if it gets the lock. Otherwise it wakes the thread that holds the
 * lock, which checks for more work after it has released the lock.
 *
 * <p>{@link #register} and {@link #select} must be called from the poller's owner thread. The other
 * methods are thread-safe.
 */
final class SharedSelector {
    private final Selector selector;
    private final ReentrantLock selecting = new ReentrantLock();

    /** Set while a cancelled key waits for a selection. */
    private volatile boolean flushWanted;

    /** Set while a wakeup may be meant for a wait that has not started. */
    private volatile boolean signalled;

    /** Whether this process has ever closed an NIO descriptor. */
    private static volatile boolean primed;

    SharedSelector() throws PollerException {
        try {
            prime();
            selector = Selector.open();
        } catch (IOException e) {
            throw ChannelErrors.translate("select", "", -1, true, e);
        }
    }

    /**
     * Closes a selector in advance. The JDK opens two descriptors when it first closes an NIO
     * descriptor. If none are left at that point, as on a server under load, this process can never
     * close one.
     */
    private static void prime() throws IOException {
        if (!primed) {
            Selector.open().close();
            primed = true;
        }
    }

    SelectionKey register(SelectableChannel channel) throws IOException {
        return channel.register(selector, 0);
    }

    /** Returns the channel's key in this selector, cancelled or not, or null if it has none. */
    @Nullable SelectionKey key(SelectableChannel channel) {
        return channel.keyFor(selector);
    }

    /**
     * Waits once. Clears the thread's interrupt flag during the wait and restores it afterwards,
     * because a selector does not wait on an interrupted thread, even if the interrupt was already
     * handled.
     */
    void select(Consumer<SelectionKey> ready, long timeoutNanos) throws PollerException {
        boolean interrupted = timeoutNanos != 0 && Thread.interrupted();
        try {
            selectLocked(ready, timeoutNanos);
            if (flushWanted) {
                flush();
            }
        } catch (IOException e) {
            throw ChannelErrors.translate("select", "", -1, true, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void selectLocked(Consumer<SelectionKey> ready, long timeoutNanos) throws IOException {
        selecting.lock();
        try {
            if (timeoutNanos == 0) {
                selector.selectNow(ready);
            } else if (timeoutNanos < 0) {
                selector.select(ready);
            } else {
                selector.select(ready, roundedUpToMillis(timeoutNanos));
            }
        } finally {
            signalled = false;
            selecting.unlock();
        }
    }

    /** Rounds up, so that the result is never 0, which a selector treats as an infinite timeout. */
    private static long roundedUpToMillis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos + TimeUnit.MILLISECONDS.toNanos(1) - 1);
    }

    /** Ends the current wait, or otherwise the next one. */
    void wakeup() {
        signalled = true;
        selector.wakeup();
    }

    /** Removes a channel that is closed, or about to be closed. Does not wait. */
    void release(SelectableChannel channel) throws IOException {
        SelectionKey key = key(channel);
        if (key != null) {
            key.cancel();
            flush();
        }
    }

    private void flush() throws IOException {
        flushWanted = true;
        while (flushWanted) {
            if (!selecting.tryLock()) {
                selector.wakeup();
                return;
            }
            try {
                flushWanted = false;
                selector.selectNow(key -> {});
                if (signalled) {
                    selector.wakeup(); // selectNow has consumed a wakeup meant for the next wait
                }
            } catch (ClosedSelectorException e) { // closing it has released every channel
                return;
            } finally {
                selecting.unlock();
            }
        }
    }

    /** Closes the selector and releases every channel. */
    void close() throws IOException {
        selector.close();
    }
}
