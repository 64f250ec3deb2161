package io.uloop.benchmarks.question;

import io.uloop.benchmarks.CompiledLibrary;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The contender {@code c}: a library that is compiled when it is first used. A call performs a
 * whole batch, so that the way from Java to C does not count.
 */
final class Limit implements Batch {
    /** Opens a scene, 0 if that fails. */
    interface Opening {
        long open(LimitCalls calls);
    }

    /** Performs a batch on a scene. */
    interface Work {
        int run(LimitCalls calls, long scene);
    }

    private static @Nullable LimitCalls loaded;

    private final LimitCalls calls;
    private final long scene;
    private final Work work;

    private Limit(LimitCalls calls, long scene, Work work) {
        this.calls = calls;
        this.scene = scene;
        this.work = work;
    }

    /** Opens a scene and the work on it. */
    static Limit open(Opening opening, Work work) throws IOException {
        LimitCalls calls = load();
        long scene = opening.open(calls);
        if (scene == 0) {
            throw new IOException("the C library cannot open its sockets; raise ulimit -n");
        }
        return new Limit(calls, scene, work);
    }

    /** {@return why there is no library, or null} */
    static @Nullable String unavailability() {
        try {
            var unused = load();
            return null;
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    /**
     * Compiles and loads the library once.
     *
     * @throws IOException if there is no compiler, or if it fails
     */
    static synchronized LimitCalls load() throws IOException {
        if (loaded == null) {
            loaded = CompiledLibrary.load(LimitCalls.class, "limit.c");
            if (loaded == null) {
                throw new IOException("it needs Linux and a C compiler; install one as cc");
            }
        }
        return loaded;
    }

    @Override
    public int run() {
        return work.run(calls, scene);
    }

    @Override
    public void close() {
        calls.close_scene(scene);
    }
}
