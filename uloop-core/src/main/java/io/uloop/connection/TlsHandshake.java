package io.uloop.connection;

import java.net.SocketTimeoutException;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLException;

/**
 * Handles the requests of a TLS engine other than for the peer's bytes: runs its tasks and sends
 * its records, during the handshake and later. While tasks run on an executor, nothing is read.
 */
final class TlsHandshake {
    /**
     * Bounds the engine's records in a full queue, because the peer decides how often to request
     * keys.
     */
    private static final int MAX_UNTAKEN = 1000;

    private final TlsProtocol protocol;
    private final SocketConnection socket;
    private final TlsEngine engine;
    private final TlsOutput output;
    private final TlsOptions options;
    private final TlsTasks tasks;
    private final Deadline deadline;
    private int untaken;

    TlsHandshake(TlsProtocol protocol, TlsEngine engine, TlsOutput output, TlsOptions options) {
        this.protocol = protocol;
        this.engine = engine;
        this.output = output;
        this.options = options;
        socket = protocol.socket();
        deadline =
                new Deadline(
                        socket.loop(),
                        options.handshakeTimeout(),
                        socket::catchUp,
                        protocol::bytesReceived,
                        this::timedOut);
        tasks = new TlsTasks(engine, options.taskExecutor(), socket.loop(), this::tasksDone);
    }

    void begin() {
        deadline.start();
    }

    /** Returns whether tasks run on an executor. Then the engine must not be used. */
    boolean isElsewhere() {
        return tasks.areRunning();
    }

    /** Handles the engine's requests. Returns true once it needs bytes of the peer. */
    boolean proceed() throws Exception {
        while (protocol.mayProceed()) {
            switch (engine.get().getHandshakeStatus()) {
                case NEED_TASK -> runTasks();
                case NEED_WRAP -> {
                    if (!send()) {
                        return false;
                    }
                }
                case NOT_HANDSHAKING -> {
                    if (!protocol.isEstablished()) {
                        end();
                        protocol.establish();
                    }
                    return true;
                }
                default -> {
                    return true;
                }
            }
        }
        return false;
    }

    /** Ends the handshake timeout. */
    void end() {
        deadline.cancel();
    }

    private boolean send() {
        try {
            untaken = socket.isWritable() ? 0 : untaken + 1;
            if (untaken > MAX_UNTAKEN) {
                throw new SSLException(
                        protocol + ": the peer requests new keys but does not read the answers");
            }
            return output.sendOwn();
        } catch (SSLException e) {
            protocol.fail(e);
            return false;
        }
    }

    private void runTasks() {
        try {
            tasks.run();
        } catch (RejectedExecutionException e) {
            protocol.fail(
                    new SSLException(
                            protocol + ": the task executor rejected a task of the handshake", e));
            return;
        }
        if (tasks.areRunning()) {
            socket.pauseReading();
        }
    }

    private void tasksDone() {
        socket.tell(
                (self, plain) -> {
                    tasks.check();
                    protocol.goOn();
                });
    }

    private void timedOut() {
        socket.blame(
                new SocketTimeoutException(
                        protocol
                                + ": the TLS handshake timed out after "
                                + options.handshakeTimeout()));
        socket.abort();
    }
}
