package io.uloop.poller.spi;

import io.uloop.poller.Poller;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;

/**
 * Turns an interrupt of the waiting thread into a wakeup. {@link AbstractSelector#begin} is the
 * only public API that reports an interrupt during a system call. This class is a selector only to
 * use it.
 *
 * <p>Before JDK 23 (and 21.0.5) this hook, like every selector, may miss an interrupt at the very
 * beginning of a wait until something else ends the wait: JDK-8323782.
 */
final class InterruptHook extends AbstractSelector {
    private final Poller poller;

    @SuppressWarnings("NullAway") // no channel is opened through it, so it needs no provider
    InterruptHook(Poller poller) {
        super(null);
        this.poller = poller;
    }

    void enter() {
        begin();
    }

    void leave() {
        end();
    }

    @Override
    public Selector wakeup() {
        poller.wakeup();
        return this;
    }

    @Override
    protected void implCloseSelector() {}

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SelectionKey> keys() {
        return Set.of();
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        return Set.of();
    }

    @Override
    public int selectNow() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int select(long timeout) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int select() {
        throw new UnsupportedOperationException();
    }
}
