package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.descriptor.AcceptFault;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Refuses connections that a listener cannot serve, if it is asked to. When no descriptor is left,
 * it closes a spare one to accept them.
 *
 * <p>Not thread-safe: call from the loop's thread. {@link #count} is thread-safe.
 */
final class Refusal {
    /** Accepts a connection. */
    @FunctionalInterface
    interface Acceptor {
        @Nullable StreamChannel accept() throws IOException;
    }

    private final Reserve reserve;
    private final AtomicLong count = new AtomicLong();
    private boolean on;

    Refusal(Uloop loop) {
        reserve = new Reserve(loop);
    }

    boolean isOn() {
        return on;
    }

    /** Turns this on and opens the spare descriptor, or turns this off and closes it. */
    void set(boolean refuse) throws IOException {
        if (refuse) {
            reserve.take();
        } else {
            reserve.release();
        }
        on = refuse;
    }

    /** Returns how many connections were refused. */
    long count() {
        return count.get();
    }

    void refuse(StreamChannel channel) throws IOException {
        count.incrementAndGet();
        channel.reset();
    }

    /**
     * Refuses waiting connections with the spare descriptor. Returns false if that refused none.
     *
     * @param limit bounds their number
     */
    boolean refuseWaiting(Acceptor acceptor, int limit) throws IOException {
        if (!reserve.release()) {
            return false;
        }
        int reached = 0;
        try {
            StreamChannel channel;
            while (reached < limit && (channel = acceptor.accept()) != null) {
                refuse(channel);
                reached++;
            }
        } catch (PollerException e) {
            if (AcceptFault.of(e) == AcceptFault.PERMANENT) {
                throw e;
            }
        } finally {
            renewReserve();
        }
        return reached > 0;
    }

    /** Opens the spare descriptor again, if this is on. */
    void renewReserve() throws IOException {
        if (!on) {
            return;
        }
        try {
            reserve.take();
        } catch (PollerException e) {
            if (AcceptFault.of(e) != AcceptFault.EXHAUSTED) {
                throw e;
            }
            // Other code took the descriptor. The next resumption tries again.
        }
    }

    /** Closes the spare descriptor. */
    void close() throws IOException {
        reserve.release();
    }
}
