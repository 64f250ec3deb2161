package io.uloop.connection;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * The time limit of one handshake, and its expensive steps.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class TlsHandshake {
    private final Transport transport;
    private final TlsOptions options;
    private final TlsTasks tasks;
    private final Deadline deadline;
    private final Runnable goOn;
    private long bytesReceived;

    /**
     * Creates a handshake, which {@link #start} starts.
     *
     * @param goOn called after steps have run on an executor
     */
    TlsHandshake(Transport transport, TlsOptions options, Runnable goOn) {
        this.transport = transport;
        this.options = options;
        this.goOn = goOn;
        tasks = new TlsTasks(options.taskExecutor(), transport.loop(), this::tasksDone);
        deadline =
                new Deadline(
                        transport.loop(),
                        options.handshakeTimeout(),
                        transport::catchUp,
                        () -> bytesReceived,
                        this::timedOut);
    }

    void start() {
        deadline.start();
    }

    /** Ends the time limit. Idempotent. */
    void end() {
        deadline.cancel();
    }

    /** Records received bytes, which extend the time limit if the loop was late. */
    void received(int bytes) {
        bytesReceived += bytes;
    }

    private void timedOut() {
        transport.end(
                new SocketTimeoutException(
                        transport
                                + ": the TLS handshake timed out after "
                                + options.handshakeTimeout()),
                true);
    }

    /**
     * Ends a server's handshake when the group begins to shut down. The group's shutdown tasks have
     * run and would miss a client that opens later.
     */
    void shutdownBegins() {
        if (transport.phase == Phase.HANDSHAKING && !options.isClient()) {
            String message =
                    transport + ": closed during its handshake because its group shuts down";
            transport.end(new IOException(message), true);
        }
    }

    /** Returns whether expensive steps run on the executor, which use the engine. */
    boolean isBusy() {
        return tasks.areRunning();
    }

    /** Runs the expensive steps of an engine, or starts to. */
    void runTasks(SSLEngine engine) throws SSLException {
        try {
            tasks.run(engine);
        } catch (RejectedExecutionException e) {
            throw new SSLException(
                    transport + ": the task executor rejected a task of the handshake", e);
        }
    }

    private void tasksDone() {
        if (transport.phase.isOver()) {
            return;
        }
        try {
            tasks.check();
        } catch (RuntimeException | Error e) {
            transport.callFailed(e);
            return;
        }
        goOn.run();
    }
}
