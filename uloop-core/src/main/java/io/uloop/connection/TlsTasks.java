package io.uloop.connection;

import io.uloop.Uloop;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Runs the expensive steps of one handshake, at once or on an executor. While they run on an
 * executor, they hold the engine's lock, so the loop must not use the engine.
 */
final class TlsTasks {
    private final @Nullable Executor executor;
    private final Uloop loop;
    private final Runnable done;
    private boolean running;
    private @Nullable Throwable thrown; // on the executor; published to the loop by haveRun

    /**
     * Creates the tasks of a connection.
     *
     * @param done called on the loop after tasks have run on the executor
     */
    TlsTasks(@Nullable Executor executor, Uloop loop, Runnable done) {
        this.executor = executor;
        this.loop = loop;
        this.done = done;
    }

    /** Returns whether tasks run on the executor. */
    boolean areRunning() {
        return running;
    }

    void run(SSLEngine tls) throws RejectedExecutionException {
        if (executor == null) {
            runAll(tls);
        } else {
            executor.execute(() -> runElsewhere(tls));
            running = true;
        }
    }

    /**
     * Throws the exception of a task on the executor. Otherwise the engine would request the task
     * forever.
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
            task.run(); // the next call of the engine throws its exceptions, but not its errors
        }
    }

    private void runElsewhere(SSLEngine tls) {
        try {
            runAll(tls);
        } catch (RuntimeException | Error e) {
            thrown = e;
            throw e; // the executor reports it, even if the connection has ended
        } finally {
            try {
                loop.execute(this::haveRun);
            } catch (RejectedExecutionException e) {
                // A closed loop has ended the connection.
            }
        }
    }

    private void haveRun() {
        running = false;
        done.run();
    }
}
