package io.uloop.net;

import java.net.SocketTimeoutException;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLException;

/**
 * What the engine of one TLS connection asks for beside the peer's bytes, in the handshake and
 * later: tasks that run, records that are sent. While tasks run elsewhere nothing is read.
 */
final class TlsHandshake {
    /** Records of the engine's own behind a full queue: as often as the peer wants new keys. */
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

    /** Whether tasks run elsewhere and the engine must not be touched. */
    boolean isElsewhere() {
        return tasks.areRunning();
    }

    /** Does what the engine asks for; true if bytes of the peer are what is needed now. */
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

    /** It is over, or is not needed any more. */
    void end() {
        deadline.cancel();
    }

    private boolean send() {
        try {
            untaken = socket.isWritable() ? 0 : untaken + 1;
            if (untaken > MAX_UNTAKEN) {
                throw new SSLException(
                        protocol + ": the peer asks for new keys and does not take the answers");
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
                    new SSLException(protocol + ": the executor refuses the handshake's tasks", e));
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
                        protocol + ": no TLS handshake in " + options.handshakeTimeout()));
        socket.abort();
    }
}
