package io.uloop.fiber;

import io.uloop.connection.TlsOptions;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/**
 * TLS over a {@link FiberSocket}, after its handshake.
 *
 * <pre>{@code
 * TlsOptions options = TlsOptions.client(context, "example.org", 443).build();
 * try (FiberTls tls = FiberTls.start(FiberSocket.connect(fibers, address), options)) {
 *     tls.write(request);
 *     tls.readFully(answer.clear());
 * }
 * }</pre>
 *
 * <p>The end of the stream is the peer's close_notify. If the connection ends without it, reads
 * fail with an {@link SSLException}, because an attacker may have cut the stream. Renegotiation
 * (TLS 1.2) is refused in the same way.
 *
 * <p>An idle connection holds no buffers. The loop's {@link io.uloop.UloopBuilder#bufferBudget}
 * counts the state of the engine, and what a handshake has received.
 *
 * <p>Thread-safe, see {@link FiberStream}.
 *
 * @since 0.1
 */
public final class FiberTls implements FiberStream {
    private final FiberSocket socket;
    private final TlsRecords records;
    private final OperationLock reading = new OperationLock();
    private final OperationLock writing = new OperationLock();

    private FiberTls(FiberSocket socket, TlsRecords records) {
        this.socket = socket;
        this.records = records;
    }

    /**
     * Starts TLS on a connection and waits for the end of the handshake. If it fails, the
     * connection is closed. Sets TCP_NODELAY, because a record that waits for the one before it
     * delays the answer.
     *
     * @param socket owned by the result from now on
     * @param options those of a server or a client
     * @return the encrypted stream
     * @throws SocketTimeoutException if the handshake takes too long, see {@link
     *     TlsOptions.Builder#handshakeTimeout}
     * @throws SSLException if the peer violates the protocol, or is not trusted
     * @throws java.io.InterruptedIOException if the thread is interrupted
     * @throws IOException ECONNRESET, ETIMEDOUT; if the loop's budget of buffers is exhausted
     */
    public static FiberTls start(FiberSocket socket, TlsOptions options) throws IOException {
        TlsRecords records = new TlsRecords(socket, options);
        Limit limit = new Limit(socket);
        try {
            if (!options.handshakeTimeout().isZero()) {
                limit.set(options.handshakeTimeout());
            }
            socket.sendAtOnce();
            records.handshake();
            limit.cancel();
            return new FiberTls(socket, records);
        } catch (IOException | RuntimeException | Error e) {
            limit.cancel();
            records.abort(e);
            if (limit.isOver) {
                throw timeout(socket, options.handshakeTimeout(), e);
            }
            throw e;
        }
    }

    private static SocketTimeoutException timeout(
            FiberSocket socket, Duration limit, Throwable cause) {
        SocketTimeoutException timeout =
                new SocketTimeoutException(
                        "the TLS handshake on "
                                + socket
                                + " took more than "
                                + limit.toMillis()
                                + " ms");
        timeout.initCause(cause);
        return timeout;
    }

    /** Closes a socket, which ends the wait of its handshake. */
    private static final class Limit extends Alarm {
        private final FiberSocket socket;
        private volatile boolean isOver;

        Limit(FiberSocket socket) {
            super(socket.scheduler().loop(), true);
            this.socket = socket;
        }

        @Override
        void ring() {
            isOver = true;
            socket.closeQuietly();
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        socket.lock(reading, "read");
        try {
            return readLocked(target);
        } finally {
            reading.unlock();
        }
    }

    @Override
    public void readFully(ByteBuffer target) throws IOException {
        int start = target.position();
        socket.lock(reading, "read");
        try {
            while (target.hasRemaining()) {
                if (readLocked(target) < 0) {
                    throw new EOFException(
                            this + " ended " + target.remaining() + " bytes too early");
                }
            }
        } catch (InterruptedIOException e) {
            e.bytesTransferred = target.position() - start;
            throw e;
        } finally {
            reading.unlock();
        }
    }

    /**
     * Reads, and answers the peer only before it waits: a failed answer must not hide bytes that
     * have been read.
     */
    private int readLocked(ByteBuffer target) throws IOException {
        int count = records.read(target, false);
        while (count == TlsRecords.OWES_ANSWER) {
            count = records.read(target, !answerPeer());
        }
        return count;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int start = source.position();
        socket.lock(writing, "write");
        try {
            records.write(source);
        } catch (InterruptedIOException e) {
            e.bytesTransferred = source.position() - start;
            throw e;
        } finally {
            writing.unlock();
        }
        return source.position() - start;
    }

    /**
     * Answers a peer that asked for new keys (TLS 1.3). Returns false if a write is about to do so.
     * Without this, a connection that only reads would never answer.
     */
    private boolean answerPeer() throws IOException {
        if (!writing.tryLock()) {
            return false;
        }
        try {
            records.answer();
        } finally {
            writing.unlock();
        }
        return true;
    }

    @Override
    public InputStream inputStream() {
        return new StreamInput(this);
    }

    @Override
    public OutputStream outputStream() {
        return new StreamOutput(this);
    }

    /**
     * Sends a close_notify: the peer reads the end of the stream. With TLS 1.3, it can still send.
     *
     * @throws ClosedChannelException if this is closed
     * @throws InterruptedIOException if the thread is interrupted
     * @throws IOException EPIPE, ECONNRESET
     */
    public void shutdownOutput() throws IOException {
        socket.lock(writing, "shutdownOutput");
        try {
            records.endOutput();
        } finally {
            writing.unlock();
        }
    }

    /** {@return the session: protocol, cipher suite and certificates} */
    public SSLSession session() {
        return records.engine().getSession();
    }

    /** {@return the protocol negotiated by ALPN; empty if there is none} */
    public String applicationProtocol() {
        return records.engine().getApplicationProtocol();
    }

    /** {@return the connection below} Do not read or write it. */
    public FiberSocket socket() {
        return socket;
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    /**
     * Closes the connection, after a close_notify if it can be sent without waiting. Operations
     * that wait end with an {@link java.nio.channels.AsynchronousCloseException}. Idempotent.
     *
     * <p>If the peer sends something afterwards, such as the session tickets of TLS 1.3, the kernel
     * resets the connection, and the peer may lose bytes that it has not read. To make sure that it
     * gets all of them, call {@link #shutdownOutput} and read until the end of the stream first.
     *
     * @throws IOException EIO
     */
    @Override
    public void close() throws IOException {
        if (isOpen() && writing.tryLock()) {
            try {
                records.endOutputWithoutWaiting();
            } finally {
                writing.unlock();
            }
        }
        records.close();
    }

    @Override
    public String toString() {
        return "FiberTls[" + socket + ']';
    }
}
