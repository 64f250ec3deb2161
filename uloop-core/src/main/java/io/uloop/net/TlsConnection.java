package io.uloop.net;

import io.uloop.Timer;
import io.uloop.Uloop;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A TLS connection: the handler of a plain one, and a connection for the user's handler.
 *
 * <p>While tasks of the engine run elsewhere its lock is held, so it is not touched and nothing is
 * read; the same pause serves the user's.
 */
final class TlsConnection implements Connection, ConnectionHandler {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final ByteBuffer[] NO_DATA = {};

    private final SocketConnection socket;
    private final ConnectionHandler handler;
    private final TlsOptions options;
    private final SSLEngine engine;
    private final LoopBuffers buffers;
    private final TlsRecords records;
    private final ByteBuffer[] single = {NOTHING};

    private @Nullable Timer handshakeTimer;
    private boolean established; // the user's handler has been called
    private boolean tls13;
    private boolean paused; // by the user
    private boolean tasksRunning; // elsewhere
    private boolean inputEnded; // by a close_notify
    private boolean outputEnded; // by the user

    TlsConnection(
            StreamChannel channel,
            ConnectionOptions connectionOptions,
            TlsOptions options,
            ConnectionHandler handler) {
        this.handler = handler;
        this.options = options;
        engine = options.engine();
        socket = new SocketConnection(channel, connectionOptions, this);
        buffers = LoopBuffers.of(channel.loop());
        records = new TlsRecords(engine, buffers);
    }

    TlsConnection start() {
        socket.start();
        return this;
    }

    // What the plain connection tells

    @Override
    public void opened(Connection plain) throws Exception {
        if (!options.handshakeTimeout().isZero()) {
            handshakeTimer = loop().callLater(options.handshakeTimeout(), this::timedOut);
        }
        try {
            engine.beginHandshake();
        } catch (SSLException e) {
            fail(e);
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
        records.offer(data);
        try {
            proceed();
        } finally {
            records.keep();
        }
    }

    @Override
    public void writable(Connection plain) throws Exception {
        if (established) {
            handler.writable(this);
        }
    }

    @Override
    public void inputClosed(Connection plain) {
        if (!inputEnded) {
            fail(
                    new SSLException(
                            this
                                    + ": the peer ended the stream without a close_notify; what it"
                                    + " sent may have been cut off"));
        }
    }

    @Override
    public void closed(Connection plain, @Nullable Throwable cause) throws Exception {
        cancelTimer();
        records.release();
        if (established) {
            handler.closed(this, cause);
        } else if (cause instanceof IOException failure) {
            handler.openFailed(failure);
        } else {
            handler.openFailed(
                    new SSLException(this + ": closed before its handshake was over", cause));
        }
    }

    // The engine

    /** Goes on as far as the engine, the user and the bytes that have come allow. */
    private void proceed() throws Exception {
        while (handshake()) {
            ByteBuffer plain = nextRecord();
            if (plain == null) {
                return;
            }
            if (plain.hasRemaining()) {
                handler.received(this, plain);
            }
            if (engine.isInboundDone() && !inputEnded && socket.isOpen()) {
                endInput();
            }
        }
    }

    private @Nullable ByteBuffer nextRecord() {
        try {
            ByteBuffer plain = records.next();
            if (plain != null && isRenegotiating()) {
                throw new SSLException(this + ": the peer wants to renegotiate; refused");
            }
            return plain;
        } catch (SSLException e) {
            fail(e);
            return null;
        }
    }

    /** TLS 1.3 has no renegotiation; there an update of keys has to be answered. */
    private boolean isRenegotiating() {
        if (!established || tls13 || engine.isInboundDone()) {
            return false;
        }
        HandshakeStatus status = engine.getHandshakeStatus();
        return status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_WRAP;
    }

    /** Does what the engine asks for; true if bytes of the peer are what is needed now. */
    private boolean handshake() throws Exception {
        while (socket.isOpen() && !inputEnded && !tasksRunning) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> runTasks();
                case NEED_WRAP -> {
                    if (!wrap(NO_DATA, 0, 0)) {
                        return false;
                    }
                }
                case NOT_HANDSHAKING -> {
                    if (!established) {
                        establish();
                    }
                    return mayRead();
                }
                default -> {
                    return mayRead();
                }
            }
        }
        return false;
    }

    private boolean mayRead() {
        return socket.isOpen() && !(paused && established);
    }

    private void establish() throws Exception {
        cancelTimer();
        established = true;
        tls13 = engine.getSession().getProtocol().equals("TLSv1.3");
        if (paused) {
            socket.pauseReading();
        }
        handler.opened(this);
    }

    private void endInput() throws Exception {
        inputEnded = true;
        if (!established) {
            fail(new SSLException(this + ": the peer has closed during the handshake"));
            return;
        }
        handler.inputClosed(this);
        if (outputEnded || !tls13) {
            close(); // before TLS 1.3 the end of one direction is the end of both: RFC 5246, 7.2.1
        }
    }

    /** Sends one record; false if there was none to send or no way to. */
    private boolean wrap(ByteBuffer[] sources, int offset, int length) {
        try {
            return wrapRecord(sources, offset, length);
        } catch (SSLException e) {
            fail(e);
            return false;
        }
    }

    private boolean wrapRecord(ByteBuffer[] sources, int offset, int length) throws SSLException {
        int recordBytes = engine.getSession().getPacketBufferSize();
        for (; ; ) {
            ByteBuffer record = buffers.record(recordBytes);
            SSLEngineResult result = engine.wrap(sources, offset, length, record);
            if (result.getStatus() != Status.BUFFER_OVERFLOW) {
                if (record.flip().hasRemaining()) {
                    socket.write(record);
                }
                return result.bytesProduced() > 0;
            }
            recordBytes = record.capacity() * 2;
        }
    }

    /** Sends the alert that the engine has ready, or a close_notify. */
    private void sendLastRecords() throws SSLException {
        engine.closeOutbound();
        while (!engine.isOutboundDone() && wrapRecord(NO_DATA, 0, 0)) {
            // one more
        }
    }

    private void fail(SSLException failure) {
        if (!socket.isOpen()) {
            return;
        }
        socket.blame(failure); // and not a peer that takes no alert any more
        try {
            sendLastRecords();
        } catch (SSLException e) {
            if (e != failure) {
                failure.addSuppressed(e);
            }
        }
        socket.close();
    }

    private void timedOut() {
        socket.blame(
                new SocketTimeoutException(
                        this + ": no TLS handshake in " + options.handshakeTimeout()));
        socket.abort();
    }

    private void cancelTimer() {
        if (handshakeTimer != null) {
            handshakeTimer.cancel();
            handshakeTimer = null;
        }
    }

    // Tasks

    private void runTasks() {
        Executor executor = options.taskExecutor();
        if (executor == null) {
            runAll();
            return;
        }
        tasksRunning = true;
        socket.pauseReading();
        try {
            executor.execute(this::runElsewhere);
        } catch (RejectedExecutionException e) {
            tasksRunning = false;
            fail(new SSLException(this + ": the executor refuses the handshake's tasks", e));
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
                loop().execute(this::tasksDone);
            } catch (RejectedExecutionException e) {
                // The loop is closed: there is nobody left to go on.
            }
        }
    }

    private void tasksDone() {
        tasksRunning = false;
        socket.tell((self, plain) -> resume());
    }

    /** After a pause, whatever it was for. */
    private void resume() throws Exception {
        proceed();
        if (!tasksRunning && mayRead()) {
            socket.resumeReading();
        }
    }

    // What the user asks for

    @Override
    public boolean write(ByteBuffer source) {
        single[0] = source;
        write(single, 0, 1);
        single[0] = NOTHING;
        return isWritable();
    }

    @Override
    public boolean write(ByteBuffer[] sources, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, sources.length);
        checkWrite();
        for (int i = offset; i < offset + length; ) {
            if (!sources[i].hasRemaining()) {
                i++;
            } else if (!socket.isOpen() || !wrap(sources, i, offset + length - i)) {
                sources[i].position(sources[i].limit());
            }
        }
        return isWritable();
    }

    private void checkWrite() {
        socket.checkThread();
        if (outputEnded) {
            throw new IllegalStateException(
                    this + " is written to after its shutdownOutput, close or abort");
        }
        if (!established && socket.isOpen()) {
            throw new IllegalStateException(
                    this + " is written to before it is opened: its handshake is not over");
        }
    }

    @Override
    public boolean isWritable() {
        return established && socket.isWritable() && (tls13 || !inputEnded);
    }

    @Override
    public long pendingBytes() {
        return socket.pendingBytes();
    }

    @Override
    public void pauseReading() {
        socket.checkThread();
        paused = true;
        if (established) {
            socket.pauseReading();
        }
    }

    @Override
    public void resumeReading() {
        socket.checkThread();
        paused = false;
        if (!established) {
            return;
        }
        if (records.hasKept()) {
            socket.tellSoon((self, plain) -> resume());
        } else {
            socket.resumeReading();
        }
    }

    @Override
    public void shutdownOutput() {
        socket.checkThread();
        if (outputEnded || !socket.isOpen()) {
            return;
        }
        endOutput();
        socket.shutdownOutput();
        if (inputEnded) {
            close();
        }
    }

    @Override
    public void close() {
        socket.checkThread();
        if (socket.isOpen()) {
            if (!outputEnded) {
                endOutput();
            }
            socket.close();
        }
    }

    private void endOutput() {
        outputEnded = true;
        try {
            if (!tasksRunning) {
                sendLastRecords();
            }
        } catch (SSLException e) {
            socket.blame(e);
            socket.close();
        }
    }

    @Override
    public void abort() {
        outputEnded = true;
        socket.abort();
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public Uloop loop() {
        return socket.loop();
    }

    @Override
    public @Nullable SocketAddress localAddress() throws IOException {
        return socket.localAddress();
    }

    @Override
    public @Nullable SocketAddress remoteAddress() throws IOException {
        return socket.remoteAddress();
    }

    @Override
    public <T> void setOption(SocketOption<T> option, T value) throws IOException {
        socket.setOption(option, value);
    }

    @Override
    public @Nullable SSLSession sslSession() {
        return established ? engine.getSession() : null;
    }

    @Override
    public String applicationProtocol() {
        String protocol = established ? engine.getApplicationProtocol() : null;
        return protocol == null ? "" : protocol;
    }

    @Override
    public String toString() {
        return "Tls" + socket;
    }
}
