package io.uloop.connection;

import io.uloop.memory.BufferShare;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Sends the records of a {@link TlsMachine}. Bytes written during the handshake are kept and sent
 * first after it.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class TlsOutput {
    /** Sends records. */
    interface Sink {
        /**
         * Sends one record, or drops it if the output is closed.
         *
         * @param record is reused after the call
         */
        void send(ByteBuffer record);

        /** Returns whether it makes sense to send more. */
        boolean isOpen();

        /**
         * Adds a handler behind the records sent so far.
         *
         * @param lost whether its bytes have been lost
         */
        void mark(SentHandler handler, boolean lost);
    }

    private final TlsMachine tls;
    private final Sink sink;
    private final Shared shared;
    private final BufferShare share;
    private @Nullable WriteQueue early; // null while nothing is kept

    TlsOutput(TlsMachine tls, Sink sink, Shared shared, BufferShare share) {
        this.tls = tls;
        this.sink = sink;
        this.shared = shared;
        this.share = share;
    }

    /** Sends the record of the machine. */
    void sendRecord() {
        if (tls.record().hasRemaining()) {
            sink.send(tls.record());
        }
    }

    /** Sends the alert that the engine has prepared, or a close_notify. */
    void sendLast() throws SSLException {
        while (tls.last()) {
            sendRecord();
        }
    }

    /** Sends all of the bytes, or drops those that cannot be sent. */
    void send(ByteBuffer[] sources, int offset, int length) throws SSLException {
        int end = offset + length;
        int to = GatheredRuns.endOfRun(sources, offset, end);
        if (to >= end) {
            sendRun(sources, offset, end);
            return;
        }
        int[] starts = shared.buffers.positions(sources, offset, length).clone();
        for (int from = offset; from < end; from = to) {
            to = GatheredRuns.endOfRun(sources, from, end);
            for (int i = from; i < to; i++) {
                sources[i].position(starts[i - offset]); // the buffer may occur in an earlier run
            }
            sendRun(sources, from, to);
        }
    }

    private void sendRun(ByteBuffer[] sources, int from, int end) throws SSLException {
        for (int i = from; i < end; ) {
            if (!sources[i].hasRemaining()) {
                i++;
            } else if (!sendSome(sources, i, end - i)) {
                sources[i].position(sources[i].limit());
            }
        }
    }

    /** Sends a record with some of the bytes. Returns false if that is not possible. */
    private boolean sendSome(ByteBuffer[] sources, int offset, int length) throws SSLException {
        if (!sink.isOpen()) {
            return false;
        }
        boolean some = tls.wrap(sources, offset, length);
        sendRecord();
        return some;
    }

    /** Keeps all bytes until the handshake is complete. */
    void keepEarly(ByteBuffer[] sources, int offset, int length) throws IOException {
        WriteQueue queue = early();
        int[] starts = shared.buffers.positions(sources, offset, length);
        for (int i = 0; i < length; i++) {
            sources[offset + i].position(starts[i]); // the buffer may occur earlier, too
            queue.add(sources[offset + i]);
        }
    }

    /** Adds a handler behind the kept bytes. */
    void markEarly(SentHandler handler) {
        early().mark(handler, false);
    }

    private WriteQueue early() {
        WriteQueue queue = early;
        if (queue == null) {
            queue = new WriteQueue(shared, share);
            early = queue;
        }
        return queue;
    }

    /** Sends the kept bytes. {@link #endEarly} must follow. */
    void sendEarly() throws SSLException {
        WriteQueue queue = early;
        if (queue == null) {
            return;
        }
        ByteBuffer next = queue.first();
        while (next != null && sendSome(shared.buffers.single(next), 0, 1)) {
            next = queue.first();
        }
    }

    /**
     * Discards kept bytes, and passes on their handlers.
     *
     * @param lost whether the bytes have not been sent
     */
    void endEarly(boolean lost) {
        WriteQueue queue = early;
        if (queue == null) {
            return;
        }
        early = null;
        boolean allLost = lost || queue.first() != null;
        queue.clear();
        SentMarks marks = queue.marks();
        while (marks != null && marks.count() > 0) {
            SentHandler handler = marks.take();
            if (handler != null) {
                sink.mark(handler, allLost);
            }
        }
    }

    long earlyBytes() {
        return early == null ? 0 : early.bytes();
    }
}
