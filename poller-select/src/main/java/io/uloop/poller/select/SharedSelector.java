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
 * A selector in which one thread waits while any thread takes channels out of it.
 *
 * <p>A cancelled key stays with its channel, and keeps a closed channel's descriptor open, until
 * the selector selects again; and a second thread that selects is blocked for as long as the first
 * one waits. So {@link #release} selects only if it gets the lock; otherwise it wakes the thread
 * that has it, which looks for more to do after it has given the lock back.
 */
final class SharedSelector {
    private final Selector selector;
    private final ReentrantLock selecting = new ReentrantLock();

    /** Set when a cancelled key waits for a select. */
    private volatile boolean flushWanted;

    /** Set while a wakeup may be meant for a wait that has not begun. */
    private volatile boolean signalled;

    /** Whether this process has ever closed a descriptor of NIO. */
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
     * Closes one selector before any: the JDK opens two descriptors when it first closes one, and
     * if there are none left then, which a server under load may see, nothing can be closed in this
     * process any more.
     */
    private static void prime() throws IOException {
        if (!primed) {
            Selector.open().close();
            primed = true;
        }
    }

    /** Owner thread. */
    SelectionKey register(SelectableChannel channel) throws IOException {
        return channel.register(selector, 0);
    }

    /** The channel's key in this selector, cancelled or not; null without one. Any thread. */
    @Nullable SelectionKey key(SelectableChannel channel) {
        return channel.keyFor(selector);
    }

    /**
     * Waits once. Owner thread; its interrupt flag is down while it waits, because a selector does
     * not wait on an interrupted thread, not even when the interrupt is old news.
     */
    void select(Consumer<SelectionKey> ready, long timeoutNanos) throws IOException {
        boolean interrupted = timeoutNanos != 0 && Thread.interrupted();
        selecting.lock();
        try {
            if (timeoutNanos == 0) {
                selector.selectNow(ready);
            } else if (timeoutNanos < 0) {
                selector.select(ready);
            } else {
                selector.select(ready, roundedUpToMillis(timeoutNanos));
            }
        } catch (IOException e) {
            throw ChannelErrors.translate("select", "", -1, true, e);
        } finally {
            signalled = false;
            selecting.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        if (flushWanted) {
            flush();
        }
    }

    /** Never 0, which a selector takes for ever. */
    private static long roundedUpToMillis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos + TimeUnit.MILLISECONDS.toNanos(1) - 1);
    }

    /** Ends the wait under way, or else the next one. Any thread. */
    void wakeup() {
        signalled = true;
        selector.wakeup();
    }

    /** Lets go of a channel that is closed or about to be. Any thread; does not wait. */
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
                    selector.wakeup(); // selectNow has taken what was meant for the next wait
                }
            } catch (ClosedSelectorException e) { // its close has let go of every channel
                return;
            } finally {
                selecting.unlock();
            }
        }
    }

    /** Lets go of every channel. Any thread. */
    void close() throws IOException {
        selector.close();
    }
}
