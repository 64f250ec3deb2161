package io.uloop.cookbook;

import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow.Publisher;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Publishes what a connection receives to one subscriber, which is called on the loop's thread. The
 * peer is read only while the subscriber has requested more. Pass the subscriber before opening.
 */
final class ConnectionPublisher implements Publisher<ByteBuffer>, ConnectionHandler {
    private @Nullable Subscriber<? super ByteBuffer> subscriber; // null once it is over
    private long requested;

    @Override
    public void subscribe(Subscriber<? super ByteBuffer> only) {
        if (subscriber != null) {
            throw new IllegalStateException("there is a subscriber already");
        }
        subscriber = only;
    }

    @Override
    public void opened(Connection connection) {
        connection.pauseReading(); // until the first request
        if (subscriber != null) {
            subscriber.onSubscribe(new Requests(connection));
        }
    }

    /** Publishes a copy, because the buffer is used again after this call. */
    @Override
    public void received(Connection connection, ByteBuffer data) {
        if (--requested == 0) {
            connection.pauseReading();
        }
        if (subscriber != null) {
            subscriber.onNext(ByteBuffer.allocate(data.remaining()).put(data).flip());
        }
    }

    @Override
    public void closed(Connection connection, @Nullable Throwable cause) {
        Subscriber<? super ByteBuffer> last = subscriber;
        subscriber = null;
        if (last != null && cause == null) {
            last.onComplete();
        } else if (last != null) {
            last.onError(cause);
        }
    }

    /** What a subscriber requests, on any thread. */
    private final class Requests implements Subscription {
        private final Connection connection;

        Requests(Connection connection) {
            this.connection = connection;
        }

        @Override
        public void request(long count) {
            onLoop(() -> add(count));
        }

        @Override
        public void cancel() {
            onLoop(() -> end(null));
        }

        private void onLoop(Runnable action) {
            try {
                connection.loop().execute(action);
            } catch (RejectedExecutionException e) {
                // The loop has ended, and closed() has been called.
            }
        }

        private void add(long count) {
            if (count <= 0) {
                end(new IllegalArgumentException("cannot request " + count + " buffers"));
                return;
            }
            requested = Long.MAX_VALUE - requested < count ? Long.MAX_VALUE : requested + count;
            connection.resumeReading();
        }

        private void end(@Nullable Exception failure) {
            Subscriber<? super ByteBuffer> last = subscriber;
            subscriber = null;
            if (last != null && failure != null) {
                last.onError(failure);
            }
            connection.abort();
        }
    }
}
