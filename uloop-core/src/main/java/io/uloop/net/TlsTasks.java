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
    private final TlsEngine engine;
    private final @Nullable Executor executor;
    private final Uloop loop;
    private final Runnable done;
    private boolean running;
    private @Nullable Throwable thrown; // elsewhere; the loop sees it once they have run

    /** The last is called in the loop after what has run elsewhere. */
    TlsTasks(TlsEngine engine, @Nullable Executor executor, Uloop loop, Runnable done) {
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
            runAll(engine.get());
        } else {
            SSLEngine tls = engine.get();
            executor.execute(() -> runElsewhere(tls));
            running = true;
        }
    }

    /**
     * Throws in the loop what they have thrown elsewhere: the engine would ask for them forever.
     */
    void check() {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
    }

    private static void runAll(SSLEngine engine) {
        for (Runnable task = engine.getDelegatedTask();
                task != null;
                task = engine.getDelegatedTask()) {
            task.run(); // the engine keeps an exception and throws it from its next call; no error
        }
    }

    private void runElsewhere(SSLEngine tls) {
        try {
            runAll(tls);
        } catch (RuntimeException | Error e) {
            thrown = e;
            throw e; // the connection may be gone
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
