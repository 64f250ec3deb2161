package io.uloop.connection;

import io.uloop.memory.BufferShare;
import io.uloop.net.StreamChannel;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A connection without TLS. */
final class PlainConnection extends SocketConnection {
    PlainConnection(StreamChannel channel, ConnectionOptions options, ConnectionHandler handler) {
        super(channel, options, handler, Phase.OPEN);
    }

    @Override
    void started() {
        call(ConnectionHandler::opened);
    }

    @Override
    void arrived(ByteBuffer data) {
        try {
            handler.received(this, data);
        } catch (Exception | Error e) {
            callFailed(e);
        }
    }

    @Override
    void inputEnded() {
        call(ConnectionHandler::inputClosed);
    }

    @Override
    public boolean write(ByteBuffer source) {
        checkThread();
        send(source);
        return isWritable();
    }

    @Override
    public boolean write(ByteBuffer[] sources, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, sources.length);
        checkThread();
        send(sources, offset, length);
        return isWritable();
    }

    @Override
    void release() {
        BufferShare share = output.share();
        if (share != null) {
            share.close();
        }
    }

    @Override
    void callEnd(@Nullable Throwable cause) throws Exception {
        handler.closed(this, cause);
    }
}
