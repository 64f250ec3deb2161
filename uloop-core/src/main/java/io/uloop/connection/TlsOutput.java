package io.uloop.connection;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/**
 * Sends the records of one TLS connection. Each record goes to the plain connection as it is
 * created.
 */
final class TlsOutput {
    private static final ByteBuffer[] NO_DATA = {};

    private final TlsEngine engine;
    private final LoopBuffers buffers;
    private final SocketConnection socket;

    TlsOutput(TlsEngine engine, LoopBuffers buffers, SocketConnection socket) {
        this.engine = engine;
        this.buffers = buffers;
        this.socket = socket;
    }

    /**
     * Sends a record with some of the bytes. Returns false if there was no record or no connection.
     */
    boolean send(ByteBuffer[] sources, int offset, int length) throws SSLException {
        if (!engine.isStarted()) {
            return false; // the connection has ended
        }
        SSLEngine tls = engine.get();
        int recordBytes = tls.getSession().getPacketBufferSize();
        for (; ; ) {
            ByteBuffer record = buffers.record(recordBytes);
            SSLEngineResult result = tls.wrap(sources, offset, length, record);
            if (result.getStatus() != Status.BUFFER_OVERFLOW) {
                if (record.flip().hasRemaining()) {
                    socket.write(record);
                }
                return result.bytesProduced() > 0;
            }
            recordBytes = record.capacity() * 2;
        }
    }

    /** Sends a record that the engine requests. Returns false if there was none. */
    boolean sendOwn() throws SSLException {
        return send(NO_DATA, 0, 0);
    }

    /** Sends the alert that the engine has prepared, or a close_notify. */
    void sendLast() throws SSLException {
        if (!engine.isStarted()) {
            return; // the peer has sent no message to answer
        }
        SSLEngine tls = engine.get();
        tls.closeOutbound();
        while (!tls.isOutboundDone() && sendOwn()) {
            // sendOwn has sent one record
        }
    }
}
