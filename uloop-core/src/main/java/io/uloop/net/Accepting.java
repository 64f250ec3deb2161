package io.uloop.net;

import io.uloop.Timer;
import io.uloop.Uloop;
import io.uloop.descriptor.AcceptFault;
import io.uloop.observe.LimitedLog;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Accepts connections for a handler: in batches, up to a limit, and with pauses while resources are
 * exhausted.
 *
 * <p>Not thread-safe: call from the loop's thread. {@link #connectionClosed} is thread-safe.
 *
 * @param <C> the kind of connection
 */
final class Accepting<C extends StreamChannel> implements ConnectionCount.Watcher {
    /** Where connections wait. Its text names it in messages. */
    interface Backlog<C> {
        /** Accepts a connection; null if none waits. */
        @Nullable C accept() throws IOException;

        /** Changes the interest of the registration. */
        void modify(int interest) throws IOException;
    }

    /** Bounds a batch, so that a flood of connections does not starve the other descriptors. */
    private static final int ACCEPTS_PER_EVENT = 64;

    private static final String WAIT = "cannot accept; connections wait in the backlog";

    private final Uloop loop;
    private final Backlog<C> backlog;
    private final Refusal refusal;
    private final ConnectionCount count;
    private final LimitedLog log =
            new LimitedLog(System.getLogger("io.uloop.net"), System.Logger.Level.WARNING, 1, false);

    /** Whether accepting is paused until a connection is closed. */
    private final AtomicBoolean full = new AtomicBoolean();

    private int limit = Integer.MAX_VALUE;
    private @Nullable AcceptHandler<? super C> handler; // null while not registered
    private @Nullable Timer resumption;

    Accepting(Uloop loop, Backlog<C> backlog, Refusal refusal, Class<C> type) {
        this.loop = loop;
        this.backlog = backlog;
        this.refusal = refusal;
        count = new ConnectionCount(type, this);
    }

    ConnectionCount count() {
        return count;
    }

    void start(AcceptHandler<? super C> newHandler) {
        handler = newHandler;
    }

    void stop() {
        handler = null;
        full.set(false);
        if (resumption != null) {
            resumption.close();
            resumption = null;
        }
    }

    void limit(int connections) {
        limit = connections;
        connectionClosed();
    }

    /** Resumes accepting after a connection was closed or a limit was changed. */
    @Override
    public void connectionClosed() {
        if (full.compareAndSet(true, false)) {
            try {
                loop.post(this::resume);
            } catch (RejectedExecutionException e) {
                // A closed loop does not accept.
            }
        }
    }

    /**
     * Accepts until no connection waits, the batch or the limit is reached, or a handler
     * unregisters this.
     */
    void acceptWaiting(int fd, int events) throws Exception {
        int losses = 0;
        for (int i = 0; i < ACCEPTS_PER_EVENT && handler != null; i++) {
            boolean over = count.open() >= limit;
            if (over && !refusal.isOn()) {
                waitForClose();
                return;
            }
            C channel;
            try {
                channel = backlog.accept();
            } catch (PollerException e) {
                if (AcceptFault.of(e) == AcceptFault.CONNECTION_LOST
                        && ++losses < AcceptFault.LOSSES_IN_A_ROW) {
                    continue;
                }
                outlast(e);
                return;
            } catch (OutOfMemoryError e) {
                pause(e);
                return;
            }
            if (channel == null) {
                return;
            }
            losses = 0;
            if (over) {
                refusal.refuse(channel);
            } else {
                hand(channel, handler);
            }
        }
    }

    /** Pauses after a failed accept, so that its error does not spin. */
    private void outlast(PollerException cause) throws IOException {
        switch (AcceptFault.of(cause)) {
            case CONNECTION_LOST -> pause(cause);
            case EXHAUSTED -> {
                if (refusal.refuseWaiting(backlog::accept, ACCEPTS_PER_EVENT)) {
                    warn("cannot accept; connections are refused", cause);
                } else {
                    pause(cause);
                }
            }
            case PERMANENT -> {
                backlog.modify(UEvent.NONE);
                resumeLater();
                throw cause;
            }
        }
    }

    private void pause(Throwable cause) throws IOException {
        backlog.modify(UEvent.NONE);
        resumeLater();
        warn(WAIT, cause);
    }

    private void hand(C channel, AcceptHandler<? super C> taker) throws Exception {
        try {
            taker.accepted(channel);
        } catch (OutOfMemoryError | StackOverflowError e) {
            channel.closeAfter(e);
            throw new ExecutionException(
                    backlog + " closed " + channel + " because its handler failed: " + e, e);
        } catch (Exception | Error e) {
            channel.closeAfter(e);
            throw e;
        }
    }

    private void waitForClose() throws IOException {
        backlog.modify(UEvent.NONE);
        full.set(true);
        if (count.open() < limit) { // another thread closed one since the check
            connectionClosed();
        }
    }

    private void resumeLater() {
        // The registration, which stays, decides whether an idle run waits.
        resumption = loop.callLater(AcceptFault.PAUSE, this::resume).unref();
    }

    private void resume() throws IOException {
        if (handler == null) {
            return; // deregistered meanwhile
        }
        try {
            refusal.renewReserve();
            backlog.modify(UEvent.IN);
        } catch (PollerException e) {
            if (AcceptFault.of(e) != AcceptFault.EXHAUSTED) {
                throw e;
            }
            resumeLater();
            warn("cannot be registered; connections wait in the backlog", e);
        }
    }

    private void warn(String consequence, Throwable cause) {
        log.log(() -> backlog + " " + consequence + ": " + cause.getMessage(), cause);
    }
}
