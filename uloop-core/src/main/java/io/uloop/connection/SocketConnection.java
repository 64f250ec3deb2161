package io.uloop.connection;

import io.uloop.ClosedLoopException;
import io.uloop.internal.ConnectionAccess;
import io.uloop.memory.BufferShare;
import io.uloop.memory.LoopBuffers;
import io.uloop.net.ByteStream;
import io.uloop.net.TcpChannel;
import io.uloop.net.UnixChannel;
import io.uloop.poller.ClosedPollerException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.Objects;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** A connection between its user and its {@link Transport}, directly or through TLS. */
final class SocketConnection extends CallingConnection implements TlsLayer.User, ConnectionAccess {
    private @Nullable TlsLayer tls; // null while the connection is plain
    private @Nullable KeptInput kept; // null until input is kept for the first time

    SocketConnection(ByteStream channel, ConnectionOptions options, ConnectionHandler handler) {
        super(channel, options, handler, options.tls() == null ? Phase.OPEN : Phase.HANDSHAKING);
        TlsOptions tlsOptions = options.tls();
        tls = tlsOptions == null ? null : new TlsLayer(this, this, tlsOptions, false);
    }

    /** Registers the connection with its loop and calls the handler. */
    void start() {
        try {
            join();
        } catch (IOException e) {
            handler.openFailed(e);
            return;
        }
        begin();
    }

    /** Registers the connection. If this throws, the channel is closed; no handler is called. */
    void join() throws IOException {
        checkThread();
        try {
            if (shared().passing != null && channel instanceof UnixChannel socket) {
                Passing.io(socket); // throws if the backend cannot receive descriptors
            }
            LoopMembers.of(loop()).join(this);
            if (shared().options.noDelay() && channel instanceof TcpChannel tcp) {
                tcp.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            noteRemote();
            register();
        } catch (ClosedLoopException | ClosedPollerException e) {
            IOException failure =
                    new IOException("cannot open " + this + ": its loop is closed", e);
            abandon(failure);
            throw failure;
        } catch (IOException | RuntimeException | Error e) {
            abandon(e);
            throw e;
        }
    }

    /** Calls the handler, or starts TLS. */
    void begin() {
        settle();
        if (tls == null) {
            call(ConnectionHandler::opened);
        } else {
            boolean begun = beginSending();
            try {
                tls.start();
            } finally {
                endSending(begun);
            }
        }
    }

    /** Gives up a connection of which the handler does not know. */
    private void abandon(Throwable failure) {
        phase = Phase.DONE;
        closeAfter(channel, failure);
        leaveLoop();
    }

    /** Closes a channel after a failure. If that fails too, adds a suppressed exception. */
    static void closeAfter(ByteStream channel, Throwable failure) {
        try {
            channel.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    // TLS

    @Override
    public void startTls(TlsOptions options, ByteBuffer received) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(received, "received");
        checkThread();
        if (tls != null) {
            throw new IllegalStateException("cannot start TLS on " + this + ": it has started");
        }
        if (phase != Phase.OPEN) {
            return;
        }
        if (!output.isOpen() || input.isEnded()) {
            end(
                    new SSLException(
                            "cannot start TLS on " + this + ": one direction has ended already"),
                    true);
            return;
        }
        phase = Phase.HANDSHAKING;
        TlsLayer layer = new TlsLayer(this, this, options, true);
        tls = layer;
        KeptInput first = kept;
        if (first != null && first.isPending() && first.hasBytes()) {
            layer.startAfter(first.bytes());
            first.drop();
            layer.addToHandshake(received);
        } else {
            layer.startAfter(received);
        }
        settle();
    }

    @Override
    public void established() throws Exception {
        if (tls == null || !tls.isUpgrade()) {
            handler.opened(this);
            return;
        }
        handler.secured(this);
        if (isWritable()) {
            handler.writable(this);
        }
    }

    @Override
    void shutdownBegins() {
        if (tls != null) {
            tls.shutdownBegins();
        }
    }

    @Override
    public @Nullable SSLSession sslSession() {
        return tls == null ? null : tls.session();
    }

    @Override
    public String applicationProtocol() {
        return tls == null ? "" : tls.applicationProtocol();
    }

    // Input

    @Override
    void arrived(ByteBuffer data) {
        if (tls != null) {
            tls.arrived(data);
            return;
        }
        try {
            handler.received(this, data);
        } catch (Exception | Error e) {
            callFailed(e);
        }
    }

    @Override
    void inputEnded() {
        if (tls == null) {
            call(ConnectionHandler::inputClosed);
        } else {
            tls.streamEnded();
        }
    }

    @Override
    public void received(ByteBuffer data) throws Exception {
        handler.received(this, data);
    }

    @Override
    public void inputClosed() throws Exception {
        handler.inputClosed(this);
    }

    @Override
    public void pauseReading() {
        checkThread();
        if (kept != null) {
            kept.pause();
        }
        input.pause(true);
        settle();
    }

    @Override
    public void resumeReading() {
        checkThread();
        KeptInput first = kept;
        if (first == null || !first.isPending()) {
            if (tls != null) {
                tls.resume();
            }
            input.pause(false);
            settle();
        } else if (first.resume()) {
            callSoon(first.delivery());
        }
    }

    /** Delivers what was kept, after the handler has resumed reading. */
    private void deliverKept() {
        KeptInput first = kept;
        if (first == null || !first.begin()) {
            return;
        }
        input.pause(false); // the handler may pause again
        if (takesInput() && first.hasBytes()) {
            call((called, connection) -> called.received(connection, first.bytes()));
        }
        first.finish();
        if (takesInput() && first.takeEnd()) {
            call(ConnectionHandler::inputClosed);
        }
        if (takesInput()) {
            resumeReading();
        }
    }

    @Override
    public boolean takesInput() {
        return phase == Phase.OPEN && !input.isPaused();
    }

    @Override
    public void keep(ByteBuffer rest) {
        if (phase == Phase.HANDSHAKING && tls != null) {
            tls.addToHandshake(rest);
        } else if (phase == Phase.OPEN) {
            try {
                kept().keep(rest);
            } catch (IOException e) {
                end(e, true);
            }
        }
    }

    @Override
    public void keepEnd() {
        kept().keepEnd();
    }

    private KeptInput kept() {
        KeptInput known = kept;
        if (known == null) {
            known = new KeptInput(buffers(), share(), this::deliverKept);
            kept = known;
        }
        return known;
    }

    @Override
    public void reject(IOException cause) {
        end(cause, true);
    }

    @Override
    public LoopBuffers buffers() {
        return shared().buffers;
    }

    @Override
    public BufferShare share() {
        return output.share(this);
    }

    // Output

    @Override
    public boolean write(ByteBuffer source) {
        boolean begun = beginSending();
        try {
            if (tls == null) {
                send(source);
            } else {
                tls.output.write(shared().buffers.single(source), 0, 1);
            }
        } finally {
            endSending(begun);
        }
        return isWritable();
    }

    @Override
    public boolean write(ByteBuffer[] sources, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, sources.length);
        boolean begun = beginSending();
        try {
            if (tls == null) {
                send(sources, offset, length);
            } else {
                tls.output.write(sources, offset, length);
            }
        } finally {
            endSending(begun);
        }
        return isWritable();
    }

    @Override
    boolean isPlain() {
        return tls == null;
    }

    @Override
    void write(QueuedPart part) {
        boolean begun = beginSending();
        try {
            if (tls == null) {
                send(part);
            } else {
                tls.output.write(part);
            }
        } finally {
            endSending(begun);
        }
    }

    @Override
    void markWritten(SentHandler added) {
        if (tls == null) {
            markSent(added, phase.isOver());
        } else {
            tls.output.markWritten(added, phase.isOver());
        }
    }

    @Override
    boolean accepts() {
        return takesBytes() && (tls == null || tls.output.accepts());
    }

    @Override
    public boolean isWritable() {
        return phase == Phase.OPEN
                && accepts()
                && !output.isFull()
                && (tls == null || !tls.output.isKeptFull());
    }

    @Override
    boolean isPending() {
        return output.isPending() || (tls != null && tls.output.hasPending());
    }

    @Override
    public long pendingBytes() {
        long total = output.bytes() + (tls == null ? 0 : tls.output.keptBytes());
        return total < 0 ? Long.MAX_VALUE : total;
    }

    @Override
    public void drained() {
        if (tls != null && tls.isEstablished()) {
            tls.output.sendKept();
        }
        if (isWritable()) {
            call(ConnectionHandler::writable);
        }
    }

    // Ends

    @Override
    public void shutdownOutput() {
        boolean begun = beginSending();
        try {
            if (tls != null && phase.isOpen() && output.isOpen()) {
                if (!tls.hasOwnEnd()) {
                    close();
                    return;
                }
                tls.output.sendEnd();
            }
            endOutput();
            settle();
        } finally {
            endSending(begun);
        }
    }

    /** Ends the output, unless TLS does so later. */
    private void endOutput() {
        if (tls == null || !tls.output.isEnding()) {
            output.end();
        }
    }

    @Override
    public void close() {
        boolean begun = beginSending();
        try {
            if (tls != null && phase.isOpen() && output.isOpen()) {
                tls.output.sendEnd();
            }
            beginClose();
        } finally {
            endSending(begun);
        }
    }

    @Override
    public void beginClose() {
        if (!phase.isOpen()) {
            return;
        }
        phase = Phase.CLOSING;
        endOutput();
        if (loop().isOpen()) {
            settle();
        } else {
            end(null, isPending());
        }
    }

    @Override
    public void abort() {
        checkThread();
        end(null, true);
    }

    @Override
    public boolean isOpen() {
        return phase.isOpen();
    }

    @Override
    void loopClosed() throws Exception {
        boolean sent = phase == Phase.CLOSING && output.isEnded();
        end(sent ? null : new IOException(this + " was aborted: its loop was closed"), false);
        makeLastCall();
    }

    @Override
    void release() {
        if (tls != null) {
            tls.release();
        }
        if (kept != null) {
            kept.drop();
        }
        BufferShare share = output.share();
        if (share != null) {
            share.close();
        }
    }

    @Override
    void callEnd(@Nullable Throwable cause) throws Exception {
        if (tls == null || tls.isEstablished() || tls.isUpgrade()) {
            handler.closed(this, cause);
        } else if (cause instanceof IOException failure) {
            handler.openFailed(failure);
        } else {
            handler.openFailed(
                    new SSLException(this + ": closed before its handshake was complete", cause));
        }
    }

    @Override
    public String toString() {
        String state = phase.isOver() ? ", closed" : phase == Phase.CLOSING ? ", closing" : "";
        return (tls == null ? "" : "Tls")
                + "Connection[fd="
                + fd
                + ", pending="
                + pendingBytes()
                + state
                + ']';
    }
}
