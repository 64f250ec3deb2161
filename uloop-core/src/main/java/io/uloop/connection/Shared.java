package io.uloop.connection;

import io.uloop.Uloop;
import io.uloop.internal.LoopAccess;
import io.uloop.memory.BufferBudget;
import io.uloop.memory.LoopBuffers;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What the connections of one loop with the same options share, so that each of them is small. */
final class Shared {
    /**
     * The latest of each loop. Usually all connections of a loop have the same options. The
     * connections hold it strongly. Strong values would keep loops with a connection reachable,
     * because the budget refers to connections.
     */
    private static final Map<Uloop, WeakReference<Shared>> LATEST = new WeakHashMap<>();

    final ConnectionOptions options;
    final LoopBuffers buffers;
    final BufferBudget budget;
    final LongSupplier clock;
    final @Nullable Passing passing; // null if passed descriptors are not wanted

    private Shared(ConnectionOptions options, LoopBuffers buffers, LoopAccess loop) {
        this.options = options;
        this.buffers = buffers;
        budget = loop.buffers();
        clock = loop.clock();
        int max = options.maxDescriptors();
        passing = max == 0 ? null : new Passing(max);
    }

    /** Returns what connections with these options share. Thread-safe. */
    static Shared of(Uloop loop, ConnectionOptions options) {
        synchronized (LATEST) {
            WeakReference<Shared> known = LATEST.get(loop);
            Shared latest = known == null ? null : known.get();
            if (latest != null && latest.options == options) {
                return latest;
            }
            LoopBuffers buffers = latest == null ? new LoopBuffers() : latest.buffers;
            Shared created = new Shared(options, buffers, LoopAccess.of(loop));
            LATEST.put(loop, new WeakReference<>(created));
            return created;
        }
    }
}
