package io.uloop.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What a TLS connection does when the plain one tells of something: lets the handshake go on, opens
 * the records that come, and tells the user's handler. It goes as far as the engine, the user's
 * pause and the bytes that have come allow.
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

    private boolean established; // the user's handler has been called
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

    /** Before TLS 1.3 the end of one direction is the end of both: RFC 5246, 7.2.1. */
    boolean hasHalves() {
        return tls13;
    }

    @Override
    public String toString() {
        return connection.toString();
    }

    // What the plain connection tells

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

    /** Nothing of a connection that has failed or ended is needed. */
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
                                    + ": the peer ended the stream without a close_notify; what it"
                                    + " sent may have been cut off"));
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
                    new SSLException(connection + ": closed before its handshake was over", cause));
        }
    }

    /** The handshake is over. */
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
                throw new SSLException(connection + ": the peer wants to renegotiate; refused");
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

    /** TLS 1.3 has no renegotiation; there an update of keys has to be answered. */
    private boolean isRenegotiating() {
        if (!established || tls13 || engine.get().isInboundDone()) {
            return false;
        }
        HandshakeStatus status = engine.get().getHandshakeStatus();
        return status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_WRAP;
    }

    /** Nothing is done after the end, nor while the engine must not be touched. */
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

    /** After a pause, whatever it was for. */
    void goOn() throws Exception {
        proceed();
        if (!handshake.isElsewhere() && mayRead()) {
            socket.resumeReading();
        }
    }

    // Ends

    /** The group begins to shut down: nobody could tell this client goodbye once it is opened. */
    void shutdownBegins() {
        if (!established && !engine.isClient()) {
            String message = connection + ": closed in its handshake by the shutdown of its group";
            socket.end(new IOException(message), true);
        }
    }

    long bytesReceived() {
        return bytesReceived;
    }

    private void endInput() throws Exception {
        inputEnded = true;
        if (!established) {
            fail(new SSLException(connection + ": the peer has closed during the handshake"));
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
                sources[i].position(starts[i - offset]); // it may have been in an earlier run, too
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

    /** Sends a record of some of the bytes; false if that is not possible. */
    private boolean send(ByteBuffer[] sources, int offset, int length) {
        try {
            return socket.isOpen() && output.send(sources, offset, length);
        } catch (SSLException | RuntimeException | Error e) {
            socket.fail(e); // its bytes are lost, so that no close_notify may follow
            return false;
        }
    }

    void fail(SSLException failure) {
        if (!socket.isOpen()) {
            return;
        }
        socket.blame(failure); // and not a peer that takes no alert any more
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
