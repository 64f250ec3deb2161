package io.uloop.cli;

import io.uloop.EventHandler;
import io.uloop.net.TcpChannel;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Handles one TCP connection: reads a request, writes the reply, reads the next request.
 *
 * <p>If the kernel accepts only part of a reply, the rest stays in the single buffer and the
 * connection waits for OUT alone until everything is written. A client that does not read its
 * replies is therefore not read from, and uses no more memory here than any other client.
 */
final class ClientHandler implements EventHandler {
    private static final System.Logger EVENT = System.getLogger("Uloop.ClientHandler.processEvent");
    private static final System.Logger READ = System.getLogger("Uloop.ClientHandler.read");
    private static final System.Logger WRITE = System.getLogger("Uloop.ClientHandler.write");
    private static final System.Logger CLOSE = System.getLogger("Uloop.ClientHandler.close");

    private final TcpChannel channel;
    private final Reply reply;
    private final Consumer<ClientHandler> onClose;

    /** Holds the unwritten part of a reply while {@link #writing}, otherwise nothing. */
    private final ByteBuffer buffer;

    private boolean writing;

    ClientHandler(
            TcpChannel channel, int bufferSize, Reply reply, Consumer<ClientHandler> onClose) {
        this.channel = channel;
        this.reply = reply;
        this.onClose = onClose;
        this.buffer = ByteBuffer.allocate(bufferSize);
    }

    @Override
    public void processEvent(int fd, int events) throws IOException {
        if (EVENT.isLoggable(System.Logger.Level.INFO)) {
            log(EVENT, "event = " + UEvent.toString(events));
        }
        try {
            // HUP and ERR need no check: the read or write reports how the connection ended.
            if (writing) {
                write();
            } else {
                read();
            }
        } catch (IOException e) {
            log(CLOSE, "lost: " + e.getMessage()); // clients may reset; that is not an error here
            close();
        }
    }

    private void read() throws IOException {
        buffer.clear();
        int count = channel.read(buffer);
        if (count < 0) {
            // Every request has been answered, so closing loses no byte of a reply.
            log(CLOSE, "closed by the client");
            close();
            return;
        }
        if (count == 0) {
            return; // readiness may be spurious
        }
        buffer.flip();
        if (READ.isLoggable(System.Logger.Level.INFO)) {
            log(READ, "received " + Text.quote(buffer));
        }
        reply.replace(buffer);
        write();
    }

    private void write() throws IOException {
        int count = channel.write(buffer);
        if (WRITE.isLoggable(System.Logger.Level.INFO)) {
            log(WRITE, "sent " + count + " bytes, " + buffer.remaining() + " remaining");
        }
        waitFor(buffer.hasRemaining());
    }

    private void waitFor(boolean write) throws IOException {
        if (writing != write) {
            channel.modify(write ? UEvent.OUT : UEvent.IN);
            writing = write;
        }
    }

    void close() throws IOException {
        onClose.accept(this);
        channel.close();
    }

    private void log(System.Logger logger, String message) {
        if (logger.isLoggable(System.Logger.Level.INFO)) {
            logger.log(System.Logger.Level.INFO, message + ", fd = " + channel.fd());
        }
    }
}
