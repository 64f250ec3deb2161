package io.uloop.net;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/** The records that one TLS connection sends: each goes to the plain connection as it is made. */
final class TlsOutput {
    private static final ByteBuffer[] NO_DATA = {};

    private final SSLEngine engine;
    private final LoopBuffers buffers;
    private final SocketConnection socket;

    TlsOutput(SSLEngine engine, LoopBuffers buffers, SocketConnection socket) {
        this.engine = engine;
        this.buffers = buffers;
        this.socket = socket;
    }

    /** Sends a record of some of the bytes; false if there was none to send or no way to. */
    boolean send(ByteBuffer[] sources, int offset, int length) throws SSLException {
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

    /** Sends a record that the engine asks for; false if there was none. */
    boolean sendOwn() throws SSLException {
        return send(NO_DATA, 0, 0);
    }

    /** Sends the alert that the engine has ready, or a close_notify. */
    void sendLast() throws SSLException {
        engine.closeOutbound();
        while (!engine.isOutboundDone() && sendOwn()) {
            // one more
        }
    }
}
