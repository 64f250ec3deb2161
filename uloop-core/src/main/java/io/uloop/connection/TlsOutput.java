package io.uloop.connection;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;

/**
 * Sends the records of a {@link TlsMachine}.
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

        /** Returns whether records are sent rather than dropped. */
        boolean isOpen();

        /** Returns whether pending records have reached the high watermark. */
        boolean isFull();

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

    TlsOutput(TlsMachine tls, Sink sink, Shared shared) {
        this.tls = tls;
        this.sink = sink;
        this.shared = shared;
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
    boolean sendSome(ByteBuffer[] sources, int offset, int length) throws SSLException {
        if (!sink.isOpen()) {
            return false;
        }
        boolean some = tls.wrap(sources, offset, length);
        sendRecord();
        return some;
    }
}
