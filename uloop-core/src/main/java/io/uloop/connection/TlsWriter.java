package io.uloop.connection;

import io.uloop.memory.BufferShare;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;

/**
 * The outgoing direction of a {@link TlsLayer}: encrypts at once what it can, and the rest as the
 * transport drains.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class TlsWriter implements TlsOutput.Sink {
    final TlsOutput records;
    private final Transport transport;
    private final TlsLayer.User user;
    private final TlsMachine tls;
    private final TlsHandshake handshake;
    private final TlsBacklog backlog;
    private boolean ending; // a close_notify follows what is kept
    private boolean queued; // a task will encrypt

    TlsWriter(
            Transport transport,
            TlsLayer.User user,
            TlsMachine tls,
            TlsHandshake handshake,
            BufferShare share) {
        this.transport = transport;
        this.user = user;
        this.tls = tls;
        this.handshake = handshake;
        records = new TlsOutput(tls, this, transport.shared());
        backlog = new TlsBacklog(records, this, transport.shared(), share);
    }

    /** Sends bytes, or keeps them if something must be sent before. */
    void write(ByteBuffer[] sources, int offset, int length) {
        if (!accepts()) {
            for (int i = offset; i < offset + length; i++) {
                sources[i].position(sources[i].limit());
            }
            return;
        }
        try {
            if (mustKeep()) {
                backlog.keep(sources, offset, length);
            } else {
                records.send(sources, offset, length);
            }
        } catch (IOException | RuntimeException | Error e) {
            transport.fail(e); // bytes are lost, so no close_notify may follow
        }
    }

    /** Keeps a part, and sends what the transport takes of it. */
    void write(QueuedPart part) {
        boolean first = !mustKeep();
        try {
            backlog.keep(part);
        } catch (IOException | RuntimeException | Error e) {
            transport.fail(e);
            return;
        }
        if (first) {
            sendKept();
        }
    }

    private boolean mustKeep() {
        return transport.phase == Phase.HANDSHAKING || backlog.hasKept();
    }

    /** Encrypts what is kept, until the transport is full. */
    void sendKept() {
        long before = backlog.keptBytes();
        try {
            if (backlog.sendKept() && !queued) {
                queued = true;
                transport.callSoon(this::sendOn);
            }
        } catch (IOException | RuntimeException | Error e) {
            transport.fail(e);
        }
        if (backlog.keptBytes() < before) {
            transport.taken();
            if (!backlog.hasKept()) {
                allSent();
            }
        }
    }

    private void allSent() {
        if (ending) {
            ending = false;
            sendEnd();
            transport.output.end();
        }
        transport.settle();
    }

    private void sendOn() {
        queued = false;
        if (transport.phase.isOver()) {
            return;
        }
        if (isKeptFull()) {
            user.drained();
        } else {
            sendKept(); // the user has not stopped, so it is not called
        }
    }

    @Override
    public void send(ByteBuffer record) {
        transport.send(record);
    }

    @Override
    public boolean isOpen() {
        return transport.takesBytes();
    }

    @Override
    public boolean isFull() {
        return transport.output.isFull();
    }

    @Override
    public void mark(SentHandler handler, boolean lost) {
        user.markSent(handler, lost);
    }

    /** Adds a handler behind what has been written so far. */
    void markWritten(SentHandler handler, boolean lost) {
        if (mustKeep()) {
            backlog.markKept(handler);
        } else {
            user.markSent(handler, lost);
        }
    }

    /** Returns whether bytes can be sent. Before TLS 1.3 they cannot after the peer's end. */
    boolean accepts() {
        return !ending && (tls.hasHalves() || !tls.isInputEnded());
    }

    /** Returns whether something waits to be encrypted after the handshake. */
    boolean hasPending() {
        return tls.isEstablished() && backlog.hasKept();
    }

    boolean isKeptFull() {
        return backlog.isKeptFull();
    }

    long keptBytes() {
        return backlog.keptBytes();
    }

    /** Sends a close_notify, after what is kept. */
    void sendEnd() {
        if (hasPending()) {
            ending = true;
            return;
        }
        try {
            if (!handshake.isBusy()) {
                records.sendLast();
            }
        } catch (SSLException | RuntimeException | Error e) {
            transport.fail(e);
        }
    }

    /** Returns whether a close_notify is still to be sent, after which this ends the output. */
    boolean isEnding() {
        return ending;
    }

    /** Discards what is kept. */
    void drop() {
        ending = false;
        backlog.dropKept();
    }
}
