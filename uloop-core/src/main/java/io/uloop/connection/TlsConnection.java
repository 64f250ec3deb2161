package io.uloop.connection;

import io.uloop.memory.BufferShare;
import io.uloop.net.StreamChannel;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** A TLS connection, which carries out the steps of a {@link TlsMachine}. */
final class TlsConnection extends SocketConnection implements TlsOutput.Sink {
    /**
     * Bounds the engine's records in a full queue, because the peer decides how often to request
     * keys.
     */
    private static final int MAX_UNTAKEN = 1000;

    private final TlsOptions options;
    private final BufferShare share;
    private final TlsMachine tls;
    private final TlsOutput records;
    private final TlsTasks tasks;
    private final Deadline handshakeDeadline;

    private long bytesReceived;
    private int untaken;

    TlsConnection(
            StreamChannel channel,
            ConnectionOptions connectionOptions,
            TlsOptions options,
            ConnectionHandler handler) {
        super(channel, connectionOptions, handler, Phase.HANDSHAKING);
        this.options = options;
        share = new BufferShare(shared().budget, this);
        output.use(share);
        tls = new TlsMachine(options, shared().buffers, share);
        records = new TlsOutput(tls, this, shared(), share);
        tasks = new TlsTasks(options.taskExecutor(), loop(), this::tasksDone);
        handshakeDeadline =
                new Deadline(
                        loop(),
                        options.handshakeTimeout(),
                        this::catchUp,
                        () -> bytesReceived,
                        this::handshakeTimedOut);
    }

    // The handshake

    @Override
    void started() {
        if (LoopMembers.of(loop()).isShuttingDown()) {
            shutdownBegins();
        }
        if (phase.isOpen()) {
            handshakeDeadline.start();
            advance();
        }
    }

    /**
     * Ends a server's handshake when the group begins to shut down. The group's shutdown tasks have
     * run and would miss a client that opens later.
     */
    @Override
    void shutdownBegins() {
        if (phase == Phase.HANDSHAKING && !options.isClient()) {
            String message = this + ": closed during its handshake because its group shuts down";
            end(new IOException(message), true);
        }
    }

    private void handshakeTimedOut() {
        end(
                new SocketTimeoutException(
                        this + ": the TLS handshake timed out after " + options.handshakeTimeout()),
                true);
    }

    private void runTasks() {
        try {
            tasks.run(tls.engine());
        } catch (RejectedExecutionException e) {
            failTls(
                    new SSLException(
                            this + ": the task executor rejected a task of the handshake", e));
            return;
        }
        input.hold(tasks.areRunning());
        settle();
    }

    private void tasksDone() {
        if (phase.isOver()) {
            return;
        }
        try {
            tasks.check();
        } catch (RuntimeException | Error e) {
            callFailed(e);
            return;
        }
        goOn();
    }

    private void establish() throws Exception {
        handshakeDeadline.cancel();
        sendEarly();
        if (!phase.isOpen()) {
            return;
        }
        tls.establish();
        phase = Phase.OPEN;
        records.endEarly(false);
        handler.opened(this);
        settle();
    }

    private void sendEarly() {
        try {
            records.sendEarly();
        } catch (SSLException | RuntimeException | Error e) {
            fail(e);
        }
    }

    // Input

    @Override
    void arrived(ByteBuffer received) {
        if (tls.isInputEnded()) {
            return;
        }
        bytesReceived += received.remaining();
        share.touch();
        tls.offer(received);
        try {
            advance();
        } finally {
            keepRest();
        }
    }

    /** Keeps the unused bytes. A connection that has failed or ended does not need them. */
    private void keepRest() {
        if (!phase.isOpen()) {
            tls.dropInput();
            return;
        }
        try {
            tls.keep();
        } catch (IOException e) {
            end(e, true);
        }
    }

    /** Carries out steps until the peer, the user or a task must do something. */
    private void advance() {
        try {
            while (phase.isOpen() && !tasks.areRunning() && carryOut(nextStep())) {
                // until a step must wait
            }
        } catch (Exception | Error e) {
            callFailed(e);
        }
    }

    private TlsMachine.Step nextStep() {
        try {
            return tls.step(phase == Phase.HANDSHAKING || !input.isPaused());
        } catch (SSLException e) {
            failTls(e);
        } catch (IOException e) { // the budget of the loop
            end(e, true);
        }
        return TlsMachine.Step.WAIT;
    }

    /** Carries out one step. Returns false if the next one must wait. */
    private boolean carryOut(TlsMachine.Step step) throws Exception {
        switch (step) {
            case WAIT -> {
                return false;
            }
            case RUN_TASKS -> runTasks();
            case SEND_RECORD -> sendOwnRecord();
            case ESTABLISH -> establish();
            case TAKE_DATA -> handler.received(this, tls.data());
            case END_INPUT -> endInput();
        }
        return true;
    }

    private void sendOwnRecord() {
        untaken = output.isFull() ? untaken + 1 : 0;
        if (untaken > MAX_UNTAKEN) {
            failTls(
                    new SSLException(
                            this + ": the peer requests new keys but does not read the answers"));
            return;
        }
        records.sendRecord();
    }

    private void endInput() throws Exception {
        if (phase == Phase.HANDSHAKING) {
            failTls(
                    new SSLException(
                            this + ": the peer closed the connection during the handshake"));
            return;
        }
        handler.inputClosed(this);
        if (!output.isOpen() || !tls.hasHalves()) {
            close();
        }
    }

    @Override
    void inputEnded() {
        if (!tls.isInputEnded()) {
            failTls(
                    new SSLException(
                            this
                                    + ": the peer ended the stream without a close_notify; its"
                                    + " data may be truncated"));
        }
    }

    @Override
    public void resumeReading() {
        if (phase == Phase.OPEN && tls.hasKept()) {
            input.hold(true); // what is kept comes first
            callSoon(this::goOn);
        }
        super.resumeReading();
    }

    /** Continues after a pause of the user or the handshake. */
    private void goOn() {
        input.hold(tasks.areRunning());
        advance();
        settle();
    }

    // Output

    @Override
    public boolean write(ByteBuffer source) {
        return write(shared().buffers.single(source), 0, 1);
    }

    @Override
    public boolean write(ByteBuffer[] sources, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, sources.length);
        checkThread();
        try {
            if (phase == Phase.HANDSHAKING) {
                records.keepEarly(sources, offset, length);
            } else {
                records.send(sources, offset, length);
            }
        } catch (IOException | RuntimeException | Error e) {
            fail(e); // bytes are lost, so no close_notify may follow
        }
        return isWritable();
    }

    @Override
    public void mark(SentHandler handler, boolean lost) {
        if (phase == Phase.HANDSHAKING) {
            records.markEarly(handler);
        } else {
            super.mark(handler, lost);
        }
    }

    @Override
    boolean accepts() {
        return super.accepts() && (tls.hasHalves() || !tls.isInputEnded());
    }

    @Override
    public long pendingBytes() {
        return super.pendingBytes() + records.earlyBytes();
    }

    // Ends

    @Override
    public void shutdownOutput() {
        checkThread();
        if (!output.isOpen() || !phase.isOpen()) {
            return;
        }
        if (tls.isInputEnded() || !tls.isEstablished()) {
            close(); // a handshake needs the outgoing half
            return;
        }
        endTls();
        super.shutdownOutput();
    }

    @Override
    public void close() {
        checkThread();
        if (phase.isOpen() && output.isOpen()) {
            endTls();
        }
        beginClose();
    }

    /** Sends a close_notify. */
    private void endTls() {
        try {
            if (!tasks.areRunning()) {
                records.sendLast();
            }
        } catch (SSLException | RuntimeException | Error e) {
            fail(e);
        }
    }

    /** Ends the connection in order after an error of the protocol, with the alert for it. */
    private void failTls(SSLException failure) {
        if (!phase.isOpen()) {
            return;
        }
        blame(failure); // not a failure to send the alert
        try {
            records.sendLast();
        } catch (SSLException e) {
            if (e != failure) {
                failure.addSuppressed(e);
            }
            end(failure, true);
        }
        tls.drop();
        records.endEarly(true);
        beginClose();
    }

    @Override
    void release() {
        handshakeDeadline.cancel();
        tls.drop();
        records.endEarly(true);
        share.close();
    }

    @Override
    void callEnd(@Nullable Throwable cause) throws Exception {
        if (tls.isEstablished()) {
            handler.closed(this, cause);
        } else if (cause instanceof IOException failure) {
            handler.openFailed(failure);
        } else {
            handler.openFailed(
                    new SSLException(this + ": closed before its handshake was complete", cause));
        }
    }

    @Override
    public @Nullable SSLSession sslSession() {
        return tls.session();
    }

    @Override
    public String applicationProtocol() {
        String name = tls.isEstablished() ? tls.engine().getApplicationProtocol() : null;
        return name == null ? "" : name;
    }

    @Override
    public String toString() {
        return "Tls" + super.toString();
    }
}
