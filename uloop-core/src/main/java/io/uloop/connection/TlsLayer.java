package io.uloop.connection;

import io.uloop.memory.BufferShare;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * TLS on a {@link Transport}. Carries out the steps of a {@link TlsMachine}.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class TlsLayer {
    /**
     * Bounds the engine's records in a full queue, because the peer decides how often to request
     * keys.
     */
    private static final int MAX_UNTAKEN = 1000;

    /** The user of the decrypted stream. */
    interface User {
        /** Handles that less is kept. */
        void drained();

        /** Handles the end of the handshake. */
        void established() throws Exception;

        /** Handles decrypted bytes. */
        void received(ByteBuffer data) throws Exception;

        /** Handles the end of the peer's direction, a close_notify. */
        void inputClosed() throws Exception;

        /** Closes the connection in order, with a close_notify. */
        void close();

        /** Closes the connection in order. The last record has been sent. */
        void beginClose();

        /**
         * Adds a handler behind the records sent so far.
         *
         * @param lost whether its bytes have been lost
         */
        void markSent(SentHandler handler, boolean lost);
    }

    private final Transport transport;
    private final User user;
    private final BufferShare share;
    private final TlsMachine tls;
    private final TlsHandshake handshake;
    final TlsWriter output;
    private final boolean upgrade;
    private int untaken;

    /**
     * Creates TLS on a transport that will call it.
     *
     * @param upgrade whether the connection was plain so far
     */
    TlsLayer(Transport transport, User user, TlsOptions options, boolean upgrade) {
        this.upgrade = upgrade;
        this.transport = transport;
        this.user = user;
        share = transport.output.share(transport);
        tls = new TlsMachine(options, transport.shared().buffers, share);
        handshake = new TlsHandshake(transport, options, this::goOn);
        output = new TlsWriter(transport, user, tls, handshake, share);
    }

    // The handshake

    /** Starts the handshake of a connection that begins with it. */
    void start() {
        if (LoopMembers.of(transport.loop()).isShuttingDown()) {
            shutdownBegins();
        }
        if (transport.phase.isOpen()) {
            handshake.start();
            advance();
        }
    }

    /** Ends a handshake of which the program does not know yet. */
    void shutdownBegins() {
        if (!upgrade) {
            handshake.shutdownBegins();
        }
    }

    /** Returns whether the connection was plain at first. */
    boolean isUpgrade() {
        return upgrade;
    }

    /**
     * Starts the handshake of a connection that was plain so far.
     *
     * @param received bytes of the handshake that have been read already
     */
    void startAfter(ByteBuffer received) {
        handshake.start();
        addToHandshake(received);
        transport.callSoon(this::goOn); // a method of the handler may be running
    }

    /** Adds bytes of the handshake that have been read already. The handshake does not go on. */
    void addToHandshake(ByteBuffer received) {
        handshake.received(received.remaining());
        tls.offer(received);
        keepRest();
    }

    private void runTasks() {
        try {
            handshake.runTasks(tls.engine());
        } catch (SSLException e) {
            failTls(e);
            return;
        }
        transport.input.hold(handshake.isBusy());
        transport.settle();
    }

    private void establish() throws Exception {
        handshake.end();
        output.sendKept();
        if (!transport.phase.isOpen()) {
            return;
        }
        tls.establish();
        transport.phase = Phase.OPEN;
        user.established();
        transport.settle();
    }

    boolean isEstablished() {
        return tls.isEstablished();
    }

    // Input

    /** Handles bytes of the peer. */
    void arrived(ByteBuffer received) {
        if (tls.isInputEnded()) {
            return;
        }
        handshake.received(received.remaining());
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
        if (!transport.phase.isOpen()) {
            tls.dropInput();
            return;
        }
        try {
            tls.keep();
        } catch (IOException e) {
            transport.end(e, true);
        }
    }

    /** Carries out steps until the peer, the user or a task must do something. */
    private void advance() {
        try {
            while (transport.phase.isOpen() && !handshake.isBusy() && carryOut(nextStep())) {
                // until a step must wait
            }
        } catch (Exception | Error e) {
            transport.callFailed(e);
        }
    }

    private TlsMachine.Step nextStep() {
        try {
            return tls.step(transport.phase == Phase.HANDSHAKING || !transport.input.isPaused());
        } catch (SSLException e) {
            failTls(e);
        } catch (IOException e) { // the budget of the loop
            transport.end(e, true);
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
            case TAKE_DATA -> user.received(tls.data());
            case END_INPUT -> endInput();
        }
        return true;
    }

    private void sendOwnRecord() {
        untaken = transport.output.isFull() ? untaken + 1 : 0;
        if (untaken > MAX_UNTAKEN) {
            failTls(
                    new SSLException(
                            transport
                                    + ": the peer requests new keys but does not read the"
                                    + " answers"));
            return;
        }
        output.records.sendRecord();
    }

    private void endInput() throws Exception {
        if (transport.phase == Phase.HANDSHAKING) {
            failTls(
                    new SSLException(
                            transport + ": the peer closed the connection during the handshake"));
            return;
        }
        user.inputClosed();
        if (!transport.output.isOpen() || output.isEnding() || !tls.hasHalves()) {
            user.close();
        }
    }

    /** Handles the end of the peer's stream. */
    void streamEnded() {
        if (!tls.isInputEnded()) {
            failTls(
                    new SSLException(
                            transport
                                    + ": the peer ended the stream without a close_notify; its"
                                    + " data may be truncated"));
        }
    }

    /** Continues after a pause of the user. Bytes that were kept come first. */
    void resume() {
        if (transport.phase == Phase.OPEN && tls.hasKept()) {
            transport.input.hold(true);
            transport.callSoon(this::goOn);
        }
    }

    /** Continues after a pause of the user or the handshake. */
    private void goOn() {
        transport.input.hold(handshake.isBusy());
        advance();
        transport.settle();
    }

    // Ends

    /** Returns whether the output can end alone. A handshake needs both directions. */
    boolean hasOwnEnd() {
        return tls.isEstablished() && !tls.isInputEnded();
    }

    /** Ends the connection in order after an error of the protocol, with the alert for it. */
    private void failTls(SSLException failure) {
        if (!transport.phase.isOpen()) {
            return;
        }
        transport.blame(failure); // not a failure to send the alert
        try {
            output.records.sendLast();
        } catch (SSLException e) {
            if (e != failure) {
                failure.addSuppressed(e);
            }
            transport.end(failure, true);
        }
        tls.drop();
        output.drop();
        user.beginClose();
    }

    /** Releases what is not needed after the end. */
    void release() {
        handshake.end();
        tls.drop();
        output.drop();
    }

    @Nullable SSLSession session() {
        return tls.session();
    }

    String applicationProtocol() {
        String name = tls.isEstablished() ? tls.engine().getApplicationProtocol() : null;
        return name == null ? "" : name;
    }
}
