package io.uloop.net;

import io.uloop.Uloop;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * The costly steps of one handshake: run at once, or by an executor. While they run there the
 * engine's lock is held, so it must not be touched.
 */
final class TlsTasks {
    private final SSLEngine engine;
    private final @Nullable Executor executor;
    private final Uloop loop;
    private final Runnable done;
    private boolean running;

    /** The last is called in the loop after what has run elsewhere. */
    TlsTasks(SSLEngine engine, @Nullable Executor executor, Uloop loop, Runnable done) {
        this.engine = engine;
        this.executor = executor;
        this.loop = loop;
        this.done = done;
    }

    /** Whether they run elsewhere. */
    boolean areRunning() {
        return running;
    }

    void run() throws RejectedExecutionException {
        if (executor == null) {
            runAll();
        } else {
            executor.execute(this::runElsewhere);
            running = true;
        }
    }

    private void runAll() {
        for (Runnable task = engine.getDelegatedTask();
                task != null;
                task = engine.getDelegatedTask()) {
            task.run(); // what it throws, the engine keeps and throws from its next call
        }
    }

    private void runElsewhere() {
        try {
            runAll();
        } finally {
            try {
                loop.execute(this::haveRun);
            } catch (RejectedExecutionException e) {
                // The loop is closed: there is nobody left to go on.
            }
        }
    }

    private void haveRun() {
        running = false;
        done.run();
    }
}
