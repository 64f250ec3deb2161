package io.uloop.connection;

import io.uloop.Uloop;
import io.uloop.internal.LoopAccess;
import io.uloop.memory.BufferBudget;
import io.uloop.memory.LoopBuffers;
import java.lang.ref.WeakReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What the connections of one loop with the same options share, so that each of them is small. */
final class Shared {
    final ConnectionOptions options;
    final LoopAccess loop;
    final LoopBuffers buffers;
    final BufferBudget budget;
    final LongSupplier clock;
    final @Nullable Passing passing; // null if passed descriptors are not wanted

    private Shared(ConnectionOptions options, LoopBuffers buffers, LoopAccess loop) {
        this.options = options;
        this.loop = loop;
        this.buffers = buffers;
        budget = loop.buffers();
        clock = loop.clock();
        int max = options.maxDescriptors();
        passing = max == 0 ? null : new Passing(max);
    }

    /**
     * Returns what connections with these options share. Usually all connections of a loop have the
     * same, so the loop knows the latest one, weakly: without connections it needs no buffers.
     */
    static Shared of(Uloop loop, ConnectionOptions options) {
        LoopAccess inside = LoopAccess.of(loop);
        Object known = inside.attachments().get(Shared.class);
        Object latest = known instanceof WeakReference<?> reference ? reference.get() : null;
        LoopBuffers buffers = latest instanceof Shared shared ? shared.buffers : new LoopBuffers();
        if (latest instanceof Shared shared && shared.options == options) {
            return shared;
        }
        Shared created = new Shared(options, buffers, inside);
        inside.attachments().put(Shared.class, new WeakReference<>(created));
        return created;
    }
}
