package io.uloop.connection;

import io.uloop.net.StreamChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Handles the events of the plain connection below a TLS connection. Advances the handshake,
 * unwraps records and calls the user's handler, as far as the engine, the user's pause and the
 * received bytes allow.
 */
final class TlsProtocol implements ConnectionHandler {
    private final TlsConnection connection;
    private final SocketConnection socket;
    private final ConnectionHandler handler;
    private final TlsEngine engine;
    private final TlsInput input;
    private final TlsOutput output;
    private final TlsEarlyOutput early;
    private final TlsHandshake handshake;

    private boolean established; // the handshake is complete, and the handler gets opened
    private boolean tls13;
    private boolean paused; // by the user
    private boolean inputEnded; // by a close_notify
    private long bytesReceived;

    TlsProtocol(
            TlsConnection connection,
            StreamChannel channel,
            ConnectionOptions connectionOptions,
            TlsOptions options,
            ConnectionHandler handler) {
        this.connection = connection;
        this.handler = handler;
        socket = new SocketConnection(channel, connectionOptions, this);
        LoopBuffers buffers = LoopBuffers.of(channel.loop());
        engine = new TlsEngine(options, socket.share());
        input = new TlsInput(engine, buffers, socket.share());
        output = new TlsOutput(engine, buffers, socket);
        early = new TlsEarlyOutput(this, connectionOptions);
        handshake = new TlsHandshake(this, engine, output, options);
        socket.share().atClose(this::dropAll);
    }

    SocketConnection socket() {
        return socket;
    }

    SSLEngine engine() {
        return engine.get();
    }

    TlsEarlyOutput early() {
        return early;
    }

    boolean isEstablished() {
        return established;
    }

    boolean isInputEnded() {
        return inputEnded;
    }

    /** Returns whether one direction can end alone. Before TLS 1.3 it cannot: RFC 5246, 7.2.1. */
    boolean hasHalves() {
        return tls13;
    }

    @Override
    public String toString() {
        return connection.toString();
    }

    // Events of the plain connection

    @Override
    public void opened(Connection plain) throws Exception {
        if (LoopMembers.of(socket.loop()).isShuttingDown()) {
            shutdownBegins();
            return;
        }
        handshake.begin();
        if (engine.isClient()) {
            begin();
        }
        proceed();
    }

    @Override
    public void openFailed(IOException cause) {
        handler.openFailed(cause);
    }

    @Override
    public void received(Connection plain, ByteBuffer data) throws Exception {
        if (inputEnded) {
            return;
        }
        bytesReceived += data.remaining();
        socket.share().touch();
        input.offer(data);
        try {
            proceed();
        } finally {
            keepRest();
        }
    }

    /** Keeps the unused bytes. A connection that has failed or ended does not need them. */
    private void keepRest() {
        if (!socket.isOpen()) {
            input.drop();
            return;
        }
        try {
            input.keep();
        } catch (IOException e) {
            socket.end(e, true);
        }
    }

    private void dropAll() {
        input.drop();
        early.clear();
        if (!established) {
            engine.drop();
        }
    }

    @Override
    public void writable(Connection plain) throws Exception {
        if (established) {
            handler.writable(connection);
        }
    }

    @Override
    public void inputClosed(Connection plain) {
        if (!inputEnded) {
            fail(
                    new SSLException(
                            connection
                                    + ": the peer ended the stream without a close_notify; its"
                                    + " data may be truncated"));
        }
    }

    @Override
    public void closed(Connection plain, @Nullable Throwable cause) throws Exception {
        handshake.end();
        if (established) {
            handler.closed(connection, cause);
        } else if (cause instanceof IOException failure) {
            handler.openFailed(failure);
        } else {
            handler.openFailed(
                    new SSLException(
                            connection + ": closed before its handshake was complete", cause));
        }
    }

    /** Opens the connection at the end of the handshake. */
    void establish() throws Exception {
        early.send();
        if (!socket.isOpen()) {
            return;
        }
        established = true;
        engine.established();
        tls13 = engine.get().getSession().getProtocol().equals("TLSv1.3");
        if (paused) {
            socket.pauseReading();
        }
        handler.opened(connection);
    }

    // Records

    private void begin() {
        try {
            engine.start();
        } catch (SSLException e) {
            fail(e);
        } catch (IOException e) {
            socket.end(e, true);
        }
    }

    private void proceed() throws Exception {
        if (!engine.isStarted() && socket.isOpen() && input.isFirstWhole()) {
            begin();
        }
        if (!engine.isStarted()) {
            return;
        }
        while (handshake.proceed() && mayRead()) {
            ByteBuffer plain = nextRecord();
            if (plain == null) {
                return;
            }
            if (plain.hasRemaining()) {
                handler.received(connection, plain);
            }
            if (engine.get().isInboundDone() && !inputEnded && socket.isOpen()) {
                endInput();
            }
        }
    }

    private @Nullable ByteBuffer nextRecord() {
        try {
            ByteBuffer plain = input.next();
            if (plain != null && isRenegotiating()) {
                throw new SSLException(
                        connection + ": the peer tried to renegotiate, which is refused");
            }
            return plain;
        } catch (SSLException e) {
            fail(e);
            return null;
        } catch (IOException e) { // the budget of the loop
            socket.end(e, true);
            return null;
        }
    }

    /**
     * Returns whether the peer renegotiates. TLS 1.3 has no renegotiation, but its key updates need
     * an answer.
     */
    private boolean isRenegotiating() {
        if (!established || tls13 || engine.get().isInboundDone()) {
            return false;
        }
        HandshakeStatus status = engine.get().getHandshakeStatus();
        return status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_WRAP;
    }

    /**
     * Returns whether the engine may be used: not after the end, nor while tasks run on an
     * executor.
     */
    boolean mayProceed() {
        return socket.isOpen() && !inputEnded && !handshake.isElsewhere();
    }

    private boolean mayRead() {
        return socket.isOpen() && !(paused && established);
    }

    void pause() {
        paused = true;
        if (established) {
            socket.pauseReading();
        }
    }

    void resume() {
        paused = false;
        if (!established) {
            return;
        }
        if (input.hasKept()) {
            socket.tellSoon((self, plain) -> goOn());
        } else {
            socket.resumeReading();
        }
    }

    /** Continues after a pause of the user or the handshake. */
    void goOn() throws Exception {
        proceed();
        if (!handshake.isElsewhere() && mayRead()) {
            socket.resumeReading();
        }
    }

    // Ends

    /**
     * Ends a server's handshake when the group begins to shut down. The group's shutdown tasks have
     * run and would miss a client that opens later.
     */
    void shutdownBegins() {
        if (!established && !engine.isClient()) {
            String message =
                    connection + ": closed during its handshake because its group shuts down";
            socket.end(new IOException(message), true);
        }
    }

    long bytesReceived() {
        return bytesReceived;
    }

    private void endInput() throws Exception {
        inputEnded = true;
        if (!established) {
            fail(
                    new SSLException(
                            connection + ": the peer closed the connection during the handshake"));
            return;
        }
        handler.inputClosed(connection);
        if (connection.isOutputEnded() || !tls13) {
            connection.close();
        }
    }

    void endOutput() {
        try {
            if (!handshake.isElsewhere()) {
                output.sendLast();
            }
        } catch (SSLException | RuntimeException | Error e) {
            socket.fail(e);
        }
    }

    /** Sends all of the bytes, or drops those that cannot be sent. */
    void sendAll(ByteBuffer[] sources, int offset, int length) {
        int end = offset + length;
        int to = GatheredRuns.endOfRun(sources, offset, end);
        if (to >= end) {
            sendRun(sources, offset, end);
            return;
        }
        int[] starts = new int[length];
        for (int i = 0; i < length; i++) {
            starts[i] = sources[offset + i].position();
        }
        for (int from = offset; from < end; from = to) {
            to = GatheredRuns.endOfRun(sources, from, end);
            for (int i = from; i < to; i++) {
                sources[i].position(starts[i - offset]); // the buffer may occur in an earlier run
            }
            sendRun(sources, from, to);
        }
    }

    private void sendRun(ByteBuffer[] sources, int from, int end) {
        for (int i = from; i < end; ) {
            if (!sources[i].hasRemaining()) {
                i++;
            } else if (!send(sources, i, end - i)) {
                sources[i].position(sources[i].limit());
            }
        }
    }

    /** Sends a record with some of the bytes. Returns false if that is not possible. */
    private boolean send(ByteBuffer[] sources, int offset, int length) {
        try {
            return socket.isOpen() && output.send(sources, offset, length);
        } catch (SSLException | RuntimeException | Error e) {
            socket.fail(e); // bytes are lost, so no close_notify may follow
            return false;
        }
    }

    void fail(SSLException failure) {
        if (!socket.isOpen()) {
            return;
        }
        socket.blame(failure); // not a failure to send the alert
        try {
            output.sendLast();
        } catch (SSLException e) {
            if (e != failure) {
                failure.addSuppressed(e);
            }
            socket.end(failure, true);
        }
        dropAll();
        socket.close();
    }
}
