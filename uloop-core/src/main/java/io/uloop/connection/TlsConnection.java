package io.uloop.connection;

import io.uloop.Uloop;
import io.uloop.net.StreamChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.util.Objects;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A TLS connection, which maps the user's calls to the {@link TlsProtocol} and its plain
 * connection.
 */
final class TlsConnection implements Connection {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final TlsProtocol protocol;
    private final SocketConnection socket;
    private final ByteBuffer[] single = {NOTHING};
    private boolean outputEnded;

    TlsConnection(
            StreamChannel channel,
            ConnectionOptions connectionOptions,
            TlsOptions options,
            ConnectionHandler handler) {
        protocol = new TlsProtocol(this, channel, connectionOptions, options, handler);
        socket = protocol.socket();
    }

    TlsConnection start() {
        socket.start();
        return this;
    }

    @Override
    public boolean write(ByteBuffer source) {
        single[0] = source;
        try {
            return write(single, 0, 1);
        } finally {
            single[0] = NOTHING;
        }
    }

    @Override
    public boolean write(ByteBuffer[] sources, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, sources.length);
        socket.checkThread();
        if (protocol.isEstablished() || outputEnded || !socket.isOpen()) {
            protocol.sendAll(sources, offset, length);
        } else {
            protocol.early().keep(sources, offset, length);
        }
        return isWritable();
    }

    @Override
    public boolean isWritable() {
        return protocol.isEstablished()
                && socket.isWritable()
                && (protocol.hasHalves() || !protocol.isInputEnded());
    }

    @Override
    public long pendingBytes() {
        return socket.pendingBytes() + protocol.early().bytes();
    }

    @Override
    public void pauseReading() {
        socket.checkThread();
        protocol.pause();
    }

    @Override
    public void resumeReading() {
        socket.checkThread();
        protocol.resume();
    }

    @Override
    public void shutdownOutput() {
        socket.checkThread();
        if (outputEnded || !socket.isOpen()) {
            return;
        }
        endOutput();
        socket.shutdownOutput();
        if (protocol.isInputEnded() || !protocol.isEstablished()) {
            close(); // a handshake needs the outgoing half
        }
    }

    @Override
    public void close() {
        socket.checkThread();
        if (socket.isOpen()) {
            if (!outputEnded) {
                endOutput();
            }
            socket.close();
        }
    }

    private void endOutput() {
        outputEnded = true;
        protocol.endOutput();
    }

    boolean isOutputEnded() {
        return outputEnded;
    }

    @Override
    public void abort() {
        socket.abort();
        outputEnded = true;
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public Uloop loop() {
        return socket.loop();
    }

    @Override
    public @Nullable SocketAddress localAddress() throws IOException {
        return socket.localAddress();
    }

    @Override
    public @Nullable SocketAddress remoteAddress() throws IOException {
        return socket.remoteAddress();
    }

    @Override
    public <T> void setOption(SocketOption<T> option, T value) throws IOException {
        socket.setOption(option, value);
    }

    @Override
    public @Nullable SSLSession sslSession() {
        return protocol.isEstablished() ? protocol.engine().getSession() : null;
    }

    @Override
    public String applicationProtocol() {
        String name = protocol.isEstablished() ? protocol.engine().getApplicationProtocol() : null;
        return name == null ? "" : name;
    }

    @Override
    public String toString() {
        return "Tls" + socket;
    }
}
