package io.uloop.connection;

import io.uloop.memory.BufferShare;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What a TLS connection sends later: bytes written during the handshake, parts of files, and what
 * was written behind them. It is kept in plain form, and encrypted as the connection drains.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class TlsBacklog {
    /** Bounds one call, so that the other connections get their turn. */
    private static final int MAX_KEPT_BYTES = 1 << 20;

    private final TlsOutput records;
    private final TlsOutput.Sink sink;
    private final Shared shared;
    private final BufferShare share;
    private @Nullable WriteQueue plain; // null until something is kept for the first time

    TlsBacklog(TlsOutput records, TlsOutput.Sink sink, Shared shared, BufferShare share) {
        this.records = records;
        this.sink = sink;
        this.shared = shared;
        this.share = share;
    }

    /** Keeps bytes behind what is kept already. */
    void keep(ByteBuffer[] sources, int offset, int length) throws IOException {
        WriteQueue queue = plain();
        int[] starts = shared.buffers.positions(sources, offset, length);
        for (int i = 0; i < length; i++) {
            sources[offset + i].position(starts[i]); // the buffer may occur earlier, too
            queue.add(sources[offset + i]);
        }
    }

    /** Keeps a part behind what is kept already. */
    void keep(QueuedPart part) throws IOException {
        plain().add(part);
    }

    /** Adds a handler behind what is kept. */
    void markKept(SentHandler handler) {
        plain().mark(handler, false);
    }

    private WriteQueue plain() {
        WriteQueue queue = plain;
        if (queue == null) {
            queue = new WriteQueue(shared, share);
            plain = queue;
        }
        return queue;
    }

    boolean hasKept() {
        return plain != null && !plain.isEmpty();
    }

    /** Returns whether what is kept has reached the high watermark and not yet the low one. */
    boolean isKeptFull() {
        return plain != null && plain.isFull();
    }

    long keptBytes() {
        return plain == null ? 0 : plain.bytes();
    }

    /**
     * Encrypts and sends what is kept, until the records reach the high watermark. Returns whether
     * it must be called again although they have not.
     */
    boolean sendKept() throws IOException {
        WriteQueue queue = plain;
        if (queue == null) {
            return false;
        }
        long before = queue.bytes();
        while (!queue.isEmpty() && !sink.isFull()) {
            if (before - queue.bytes() >= MAX_KEPT_BYTES) {
                return true;
            }
            if (!sendFirst(queue)) {
                dropKept();
                return false;
            }
            passMarks(queue, false);
        }
        passMarks(queue, false);
        return false;
    }

    /** Sends some of what comes first. Returns false if that is not possible. */
    private boolean sendFirst(WriteQueue queue) throws IOException {
        QueuedPart part = queue.firstPart();
        if (part != null) {
            ByteBuffer piece = shared.buffers.piece();
            int bytes = part.copy(piece);
            piece.flip();
            boolean all = sendAll(piece);
            return all && take(queue, bytes);
        }
        ByteBuffer next = queue.first();
        if (next == null) {
            return false;
        }
        int bytes = next.remaining();
        boolean some = records.sendSome(shared.buffers.single(next), 0, 1);
        return some && take(queue, bytes - next.remaining());
    }

    /** Removes encrypted bytes. Returns false if sending them has ended the connection. */
    private boolean take(WriteQueue queue, int bytes) {
        boolean known = queue == plain;
        if (known) {
            queue.consumed(bytes);
        }
        return known;
    }

    private boolean sendAll(ByteBuffer source) throws SSLException {
        while (source.hasRemaining()) {
            if (!records.sendSome(shared.buffers.single(source), 0, 1)) {
                return false;
            }
        }
        return true;
    }

    /** Discards what is kept. Passes on its handlers. */
    void dropKept() {
        WriteQueue queue = plain;
        if (queue != null) {
            plain = null;
            queue.clear();
            passMarks(queue, true);
        }
    }

    /** Passes on handlers whose bytes have been encrypted, or all if their bytes are lost. */
    private void passMarks(WriteQueue queue, boolean lost) {
        SentMarks marks = queue.marks();
        while (marks != null && marks.count() > 0 && (lost || marks.isReached())) {
            boolean unsent = !marks.isReached();
            SentHandler handler = marks.take();
            if (handler != null) {
                sink.mark(handler, unsent);
            }
        }
    }
}
