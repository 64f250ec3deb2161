package io.uloop.connection.frames;

import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.internal.ConnectionAccess;
import io.uloop.memory.Collected;
import io.uloop.observe.Callbacks;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Divides the bytes of one connection into frames.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class FramedHandler implements ConnectionHandler, Callbacks.Serving {
    private final FrameHandler handler;
    private final Splitter splitter;
    private @Nullable Collected collected; // null until a frame arrives in parts for the first time
    private @Nullable Connection connection; // null until it is opened

    FramedHandler(FrameHandler handler, Splitter splitter) {
        this.handler = handler;
        this.splitter = splitter;
    }

    @Override
    public Object served() {
        return handler;
    }

    @Override
    public void opened(Connection connection) throws Exception {
        if (this.connection != null) {
            throw new IllegalStateException(
                    "cannot handle "
                            + connection
                            + ": this handler has another connection; call Framing.handler for"
                            + " each");
        }
        this.connection = connection;
        handler.opened(connection);
    }

    @Override
    public void received(Connection connection, ByteBuffer data) throws Exception {
        ConnectionAccess access = (ConnectionAccess) connection;
        int limit = data.limit();
        while (data.hasRemaining() && access.takesInput()) {
            if (!completes(connection, data)) {
                continue;
            }
            if (hasCollected()) {
                deliverCollected(connection);
            } else {
                int next = splitter.next;
                data.limit(splitter.end - splitter.excess());
                handler.frame(connection, data);
                data.limit(limit).position(next);
            }
        }
        if (data.hasRemaining()) {
            access.keep(data);
        }
    }

    /**
     * Takes the next bytes of the current frame. Collects them, unless the frame is complete in the
     * buffer. Returns false if it is not complete yet, or the connection has been reset.
     */
    private boolean completes(Connection connection, ByteBuffer data) {
        ConnectionAccess access = (ConnectionAccess) connection;
        try {
            boolean whole = splitter.scan(data.order(ByteOrder.BIG_ENDIAN));
            if (!whole || hasCollected()) {
                collect(access, data);
                data.position(splitter.next);
            }
            return whole;
        } catch (ProtocolException e) {
            access.reject(new ProtocolException(connection + ": " + e.getMessage()));
        } catch (IOException e) { // the budget of the loop
            access.reject(e);
        }
        return false;
    }

    private boolean hasCollected() {
        return collected != null && !collected.isEmpty();
    }

    private void collect(ConnectionAccess access, ByteBuffer data) throws IOException {
        int count = splitter.end - data.position();
        if (count == 0) {
            return;
        }
        Collected known = collected;
        if (known == null) {
            known = new Collected(access.buffers(), access.share());
            collected = known;
        }
        known.add(data, count, splitter.mostBytes());
    }

    private void deliverCollected(Connection connection) throws Exception {
        Collected known = collected;
        if (known != null) {
            ByteBuffer frame = known.bytes();
            frame.limit(frame.limit() - splitter.excess());
            handler.frame(connection, frame);
            known.clear();
        }
    }

    @Override
    public void inputClosed(Connection connection) throws Exception {
        ConnectionAccess access = (ConnectionAccess) connection;
        if (splitter.isInside()) {
            if (!splitter.finish()) {
                access.reject(
                        new EOFException(
                                connection + ": the stream ended after " + splitter.incomplete()));
                return;
            }
            deliverCollected(connection);
        }
        if (access.takesInput()) {
            handler.inputClosed(connection);
        } else if (connection.isOpen()) {
            access.keepEnd();
        }
    }

    @Override
    public void secured(Connection connection) throws Exception {
        if (splitter.isInside()) { // an attacker may have injected them
            ((ConnectionAccess) connection)
                    .reject(
                            new ProtocolException(
                                    connection
                                            + ": TLS was started after "
                                            + splitter.incomplete()
                                            + "; pause reading until it is started"));
            return;
        }
        handler.secured(connection);
    }

    @Override
    public void openFailed(IOException cause) {
        handler.openFailed(cause);
    }

    @Override
    public void receivedDescriptors(Connection connection, int[] descriptors) throws Exception {
        handler.receivedDescriptors(connection, descriptors);
    }

    @Override
    public void writable(Connection connection) throws Exception {
        handler.writable(connection);
    }

    @Override
    public void closed(Connection ended, @Nullable Throwable cause) throws Exception {
        if (collected != null && connection == ended) { // not one that this has rejected
            collected.clear();
        }
        handler.closed(ended, cause);
    }
}
