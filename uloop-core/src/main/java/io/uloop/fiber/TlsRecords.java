package io.uloop.fiber;

import io.uloop.connection.TlsOptions;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The records of one TLS connection, as its engine makes and reads them. Buffers of the pool are
 * held only while nothing waits, and what must be kept is copied to arrays of its size.
 *
 * <p>One thread at a time may call the methods of input, and one those of output.
 */
final class TlsRecords {
    /** A result of {@link #read}. */
    static final int OWES_ANSWER = -2;

    private static final ByteBuffer NONE = ByteBuffer.allocate(0);
    private static final int HEADER_BYTES = 5;
    private static final int HANDSHAKE = 22;
    private static final int MAX_RECORD_BYTES = 16 << 10;

    private final FiberSocket socket;
    private final TlsOptions options;
    private final TlsMemory memory;
    private @Nullable SSLEngine engine;
    private volatile boolean established;

    // Input.
    private ByteBuffer received = NONE;
    private ByteBuffer plain = NONE;
    private boolean inputEnded;

    /** Output: the rest of a record whose write was interrupted. */
    private ByteBuffer unsent = NONE;

    TlsRecords(FiberSocket socket, TlsOptions options) {
        this.socket = socket;
        this.options = options;
        memory = new TlsMemory(socket);
    }

    SSLEngine engine() {
        SSLEngine started = engine;
        if (started == null) {
            throw new IllegalStateException("the TLS engine is not started");
        }
        return started;
    }

    void handshake() throws IOException {
        if (!options.isClient()) { // an engine is large, so the peer has to send something first
            while (!isFirstWhole()) {
                receiveInHandshake();
            }
        }
        memory.engineStarts();
        SSLEngine started = options.engine();
        engine = started;
        started.beginHandshake();
        while (!established) {
            switch (started.getHandshakeStatus()) {
                case NEED_TASK -> runTasks();
                case NEED_WRAP -> wrap(NONE);
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    if (!unwrap(NONE)) {
                        receiveInHandshake();
                    }
                }
                default -> established = true;
            }
        }
        memory.handshakeEnds();
    }

    /**
     * Returns whether the first record is complete, or cannot start a handshake, so that the engine
     * reports the error.
     */
    private boolean isFirstWhole() {
        if (received.remaining() < HEADER_BYTES) {
            return received.hasRemaining() && at(0) != HANDSHAKE;
        }
        int length = at(3) << 8 | at(4);
        return at(0) != HANDSHAKE
                || length > MAX_RECORD_BYTES
                || received.remaining() >= HEADER_BYTES + length;
    }

    private int at(int index) {
        return received.get(received.position() + index) & 0xFF;
    }

    private void receiveInHandshake() throws IOException {
        if (!receive()) {
            throw new EOFException(socket + " ended in its TLS handshake");
        }
        memory.keep(received.remaining());
    }

    /** Waits for more bytes. Returns false at the end of the connection. */
    private boolean receive() throws IOException {
        ByteBuffer more;
        try {
            more = socket.readPooled();
        } catch (AsynchronousCloseException e) {
            throw memory.reasonOf(e);
        }
        if (more == null) {
            return false;
        }
        try {
            received = joined(received, more);
        } finally {
            socket.scheduler().buffers().give(more);
        }
        return true;
    }

    private static ByteBuffer joined(ByteBuffer first, ByteBuffer second) {
        return ByteBuffer.allocate(first.remaining() + second.remaining())
                .put(first)
                .put(second)
                .flip();
    }

    /**
     * Reads decrypted bytes, 1 or more unless the target is full. Returns -1 at the end, and {@link
     * #OWES_ANSWER} instead of a wait if the engine has something to send.
     *
     * @param waitsAnyway whether it waits nevertheless, because another thread sends it
     */
    int read(ByteBuffer target, boolean waitsAnyway) throws IOException {
        socket.requireOpen();
        if (!target.hasRemaining()) {
            return 0;
        }
        int start = target.position();
        while (target.position() == start) {
            if (plain.hasRemaining()) {
                takePlain(target);
            } else if (inputEnded) {
                return -1;
            } else if (!unwrap(target)) {
                if (!waitsAnyway && owesAnswer()) {
                    return OWES_ANSWER;
                }
                if (!receive()) {
                    engine().closeInbound(); // throws, because the end may be an attacker's
                    inputEnded = true;
                }
            }
        }
        return target.position() - start;
    }

    private static void move(ByteBuffer from, ByteBuffer to) {
        int count = Math.min(from.remaining(), to.remaining());
        to.put(to.position(), from, from.position(), count);
        to.position(to.position() + count);
        from.position(from.position() + count);
    }

    private void takePlain(ByteBuffer target) {
        move(plain, target);
        if (!plain.hasRemaining()) {
            plain = NONE;
        }
    }

    /** Decrypts a record. Returns false if none is complete. */
    private boolean unwrap(ByteBuffer target) throws IOException {
        if (!received.hasRemaining() && !isUnwrapPending()) {
            return false;
        }
        SSLEngine tls = engine();
        SSLEngineResult result;
        ByteBuffer decrypted = socket.scheduler().buffers().take();
        try {
            result = tls.unwrap(received, decrypted);
            decrypted.flip();
            if (!plain.hasRemaining()) {
                move(decrypted, target);
            }
            if (decrypted.hasRemaining()) {
                plain = joined(plain, decrypted);
            }
        } finally {
            socket.scheduler().buffers().give(decrypted);
        }
        if (!received.hasRemaining()) {
            received = NONE;
        }
        if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
            return false;
        }
        if (result.getStatus() == Status.BUFFER_OVERFLOW) {
            throw new SSLException("the peer of " + socket + " sent a record that is too large");
        }
        if (tls.isInboundDone()) {
            inputEnded = true;
        } else if (established) {
            continueSession(tls.getHandshakeStatus());
        }
        return true;
    }

    private boolean isUnwrapPending() {
        return engine().getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP_AGAIN;
    }

    /** TLS 1.3 has messages after the handshake. Before, they can only renegotiate. */
    private void continueSession(HandshakeStatus status) throws IOException {
        boolean isNeeded =
                status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_WRAP;
        if (isNeeded && !engine().getSession().getProtocol().equals("TLSv1.3")) {
            throw new SSLException("the peer tried to renegotiate, which is refused");
        }
        if (status == HandshakeStatus.NEED_TASK) {
            runTasks();
        }
    }

    private boolean owesAnswer() {
        return established
                && !engine().isOutboundDone()
                && engine().getHandshakeStatus() == HandshakeStatus.NEED_WRAP;
    }

    /** Sends what the engine has to send. */
    void answer() throws IOException {
        sendRest();
        while (owesAnswer()) {
            wrap(NONE);
        }
    }

    /** Encrypts and sends all bytes. */
    void write(ByteBuffer source) throws IOException {
        sendRest();
        while (source.hasRemaining()) {
            wrap(source);
        }
        answer();
    }

    /** Makes a record and sends it. */
    private void wrap(ByteBuffer source) throws IOException {
        ByteBuffer record = socket.scheduler().buffers().take();
        try {
            SSLEngineResult result = engine().wrap(source, record);
            if (result.getStatus() == Status.CLOSED && result.bytesProduced() == 0) {
                throw new SSLException("cannot write to " + socket + ": output is closed");
            }
            record.flip();
            socket.writeWithoutWaiting(record);
            if (record.hasRemaining()) {
                unsent = joined(NONE, record);
            }
        } finally {
            socket.scheduler().buffers().give(record);
        }
        sendRest();
    }

    private void sendRest() throws IOException {
        if (unsent.hasRemaining()) {
            try {
                int unused = socket.write(unsent);
            } catch (AsynchronousCloseException e) {
                throw memory.reasonOf(e);
            }
            unsent = NONE;
        }
    }

    void endOutput() throws IOException {
        sendRest();
        engine().closeOutbound();
        while (!engine().isOutboundDone()) {
            wrap(NONE);
        }
    }

    /** Sends a close_notify, or the alert that the engine has prepared, if that needs no wait. */
    void endOutputWithoutWaiting() {
        SSLEngine tls = engine;
        if (tls == null || unsent.hasRemaining()) {
            return;
        }
        tls.closeOutbound();
        ByteBuffer record = socket.scheduler().buffers().take();
        try {
            while (!tls.isOutboundDone() && tls.wrap(NONE, record).bytesProduced() > 0) {
                socket.writeWithoutWaiting(record.flip());
                record.clear();
            }
        } catch (IOException e) {
            // The peer is gone, or has violated the protocol.
        } finally {
            socket.scheduler().buffers().give(record);
        }
    }

    /** Closes the connection after a failure. */
    void abort(Throwable failure) {
        endOutputWithoutWaiting();
        try {
            close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /**
     * Closes the connection. Reads what has come first: the kernel would otherwise reset the
     * connection, and the peer would lose what it has not read. TLS 1.3 servers send tickets that a
     * client which only writes never reads.
     */
    void close() throws IOException {
        memory.release();
        try {
            socket.dropReceived();
        } finally {
            socket.close();
        }
    }

    private void runTasks() throws IOException {
        Executor executor = options.taskExecutor();
        for (Runnable task = engine().getDelegatedTask();
                task != null;
                task = engine().getDelegatedTask()) {
            if (executor == null) {
                task.run();
            } else {
                runIn(executor, task);
            }
        }
    }

    private void runIn(Executor executor, Runnable task) throws IOException {
        Scheduler scheduler = socket.scheduler();
        try {
            scheduler
                    .loop()
                    .callIn(
                            executor,
                            () -> {
                                task.run();
                                return true;
                            })
                    .get();
        } catch (RejectedExecutionException e) {
            scheduler.requireNotEnded(); // otherwise that of the executor
            throw e;
        } catch (InterruptedException e) {
            scheduler.requireNotEnded(); // whose end has interrupted this thread
            throw socket.interrupted("TLS handshake", e);
        } catch (ExecutionException e) {
            scheduler.requireNotEnded();
            throw new SSLException("a TLS task failed", e.getCause());
        }
    }
}
