package io.uloop.net;

import io.uloop.descriptor.LoopReference;
import io.uloop.descriptor.OwnedDescriptor;
import io.uloop.owner.Origin;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The descriptor of a connection that a listener accepted. The connections of a listener share
 * everything that is not needed for each.
 */
class AcceptedDescriptor extends OwnedDescriptor {
    private final ConnectionCount count;

    private AcceptedDescriptor(Object owner, LoopReference loop, int fd, ConnectionCount count) {
        super(owner, loop, fd);
        this.count = count;
        loop.connections(1);
    }

    static OwnedDescriptor of(Object owner, LoopReference loop, int fd, ConnectionCount count) {
        AcceptedDescriptor accepted =
                Origin.isWholeStack()
                        ? new Tracked(owner, loop, fd, count)
                        : new AcceptedDescriptor(owner, loop, fd, count);
        accepted.track();
        return accepted;
    }

    /** A descriptor with the stack that accepted it. */
    private static final class Tracked extends AcceptedDescriptor {
        private final Origin origin = Origin.here();

        Tracked(Object owner, LoopReference loop, int fd, ConnectionCount count) {
            super(owner, loop, fd, count);
        }

        @Override
        protected Origin origin() {
            return origin;
        }
    }

    @Override
    protected Class<?> type() {
        return count.type;
    }

    @Override
    protected Origin origin() {
        return count.origin;
    }

    @Override
    protected void release() throws IOException {
        try {
            super.release();
        } finally {
            ended();
        }
    }

    private void ended() {
        loop().connections(-1);
        count.closed();
    }

    @Override
    protected void detached() {
        ended();
    }

    @Override
    protected void logForgotten(String message, @Nullable Throwable stack) {
        count.forgotten.log(() -> message, stack);
    }
}
