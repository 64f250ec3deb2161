package io.uloop.connection;

import io.uloop.memory.BufferShare;
import io.uloop.memory.LoopBuffers;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The state of TLS on one connection. It knows no connection: its user offers received bytes, asks
 * for one {@link Step} after the other, and carries them out.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class TlsMachine {
    /** What to do next. */
    enum Step {
        /** Wait until {@link #offer} or another call changes the state. */
        WAIT,
        /** Run the tasks of the {@link #engine}. */
        RUN_TASKS,
        /** Send the {@link #record}. */
        SEND_RECORD,
        /** Call {@link #establish}: the handshake is complete. */
        ESTABLISH,
        /** Handle the decrypted {@link #data}. */
        TAKE_DATA,
        /** Handle the end of the peer's direction, a close_notify. */
        END_INPUT
    }

    private static final ByteBuffer[] NO_DATA = {};

    private final TlsEngine engine;
    private final TlsInput input;
    private final LoopBuffers buffers;
    private ByteBuffer record = ByteBuffer.allocate(0);
    private ByteBuffer data = record;
    private boolean established;
    private boolean tls13;
    private boolean endReceived;
    private boolean inputEnded; // and reported

    TlsMachine(TlsOptions options, LoopBuffers buffers, BufferShare share) {
        engine = new TlsEngine(options, share);
        input = new TlsInput(engine, buffers, share);
        this.buffers = buffers;
    }

    /** Returns the engine, which exists once tasks are to be run. */
    SSLEngine engine() {
        return engine.get();
    }

    /** Returns the session of an established connection, otherwise null. */
    @Nullable SSLSession session() {
        return established ? engine.get().getSession() : null;
    }

    boolean isEstablished() {
        return established;
    }

    /** Returns whether the peer has ended its direction. */
    boolean isInputEnded() {
        return inputEnded;
    }

    /** Returns whether one direction can end alone. Before TLS 1.3 it cannot: RFC 5246, 7.2.1. */
    boolean hasHalves() {
        return tls13;
    }

    /** Offers received bytes. {@link #keep} must follow. */
    void offer(ByteBuffer received) {
        input.offer(received);
    }

    /** Keeps the unused bytes of those offered. */
    void keep() throws IOException {
        input.keep();
    }

    /** Returns whether unused bytes are kept. */
    boolean hasKept() {
        return input.hasKept();
    }

    /** Discards all received bytes. */
    void dropInput() {
        input.drop();
    }

    /** Discards what is not needed after the end. */
    void drop() {
        input.drop();
        if (!established) {
            engine.drop();
        }
    }

    /** Returns the record to send, valid until the next call that makes one. */
    ByteBuffer record() {
        return record;
    }

    /** Returns the decrypted bytes, valid until the next step. */
    ByteBuffer data() {
        return data;
    }

    /**
     * Returns what to do next.
     *
     * @param wantsData whether the user takes data
     * @throws SSLException if the peer violates the protocol; the alert for it is the {@link #last}
     *     record
     * @throws IOException if the memory of the loop's connections is exhausted
     */
    Step step(boolean wantsData) throws IOException {
        if (!engine.isStarted()) {
            if (!engine.isClient() && !input.isFirstWhole()) {
                return Step.WAIT;
            }
            engine.start();
        }
        while (!inputEnded) {
            SSLEngine tls = engine.get();
            if (endReceived) {
                inputEnded = true;
                return Step.END_INPUT;
            }
            HandshakeStatus status = tls.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                return Step.RUN_TASKS;
            }
            if (status == HandshakeStatus.NEED_WRAP) {
                return wrap(NO_DATA, 0, 0) ? Step.SEND_RECORD : Step.WAIT;
            }
            if (status == HandshakeStatus.NOT_HANDSHAKING && !established) {
                return Step.ESTABLISH;
            }
            if (!wantsData || !unwrap()) {
                return Step.WAIT;
            }
            if (data.hasRemaining()) {
                return Step.TAKE_DATA;
            }
        }
        return Step.WAIT;
    }

    /** Records the end of the handshake. Data may be sent before and after. */
    void establish() throws SSLException {
        established = true;
        engine.established();
        tls13 = engine.get().getSession().getProtocol().equals("TLSv1.3");
    }

    private boolean unwrap() throws IOException {
        int alert = established ? -1 : input.plainAlert();
        ByteBuffer next;
        try {
            next = input.next();
        } catch (SSLException e) {
            throw TlsAlerts.explained(e, alert);
        }
        if (next == null) {
            return false;
        }
        if (isRenegotiating()) {
            throw new SSLException("the peer tried to renegotiate, which is refused");
        }
        data = next;
        endReceived = engine.get().isInboundDone();
        return true;
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
     * Makes a record with some of the bytes. Returns false if it holds none of them; the {@link
     * #record} may be empty then.
     */
    boolean wrap(ByteBuffer[] sources, int offset, int length) throws SSLException {
        SSLEngine tls = engine.get();
        int recordBytes = tls.getSession().getPacketBufferSize();
        for (; ; ) {
            record = buffers.record(recordBytes);
            SSLEngineResult result = tls.wrap(sources, offset, length, record);
            if (result.getStatus() != Status.BUFFER_OVERFLOW) {
                record.flip();
                return result.bytesProduced() > 0;
            }
            recordBytes = record.capacity() * 2;
        }
    }

    /**
     * Makes the next of the last records: the alert that the engine has prepared, or a
     * close_notify. Returns false if there is none.
     */
    boolean last() throws SSLException {
        if (!engine.isStarted()) {
            return false; // the peer has sent no message to answer
        }
        engine.get().closeOutbound();
        return !engine.get().isOutboundDone() && wrap(NO_DATA, 0, 0);
    }
}
