package io.uloop.examples;

import io.uloop.EventHandler;
import io.uloop.net.TcpChannel;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * One TCP connection: reads a request, writes the reply, reads the next request.
 *
 * <p>A reply that the kernel does not take whole stays in the one buffer, and the connection waits
 * for OUT alone until it is gone. So a client that does not read is not read from either, and holds
 * no more memory here than any other.
 */
final class ClientHandler implements EventHandler {
    private static final System.Logger EVENT = System.getLogger("Uloop.ClientHandler.processEvent");
    private static final System.Logger READ = System.getLogger("Uloop.ClientHandler.read");
    private static final System.Logger WRITE = System.getLogger("Uloop.ClientHandler.write");
    private static final System.Logger CLOSE = System.getLogger("Uloop.ClientHandler.close");

    private final TcpChannel channel;
    private final Reply reply;
    private final Consumer<ClientHandler> onClose;

    /** Holds what is left of a reply while writing; its content means nothing while reading. */
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
            // No look at HUP or ERR: the read or the write tells how the connection has ended.
            if (writing) {
                write();
            } else {
                read();
            }
        } catch (IOException e) {
            log(CLOSE, "lost: " + e.getMessage()); // clients do reset, that is no error here
            close();
        }
    }

    private void read() throws IOException {
        buffer.clear();
        int count = channel.read(buffer);
        if (count < 0) {
            // All that was read has been answered, so closing ends the stream behind the last byte.
            log(CLOSE, "the client has ended");
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
            log(WRITE, "sent " + count + " bytes, " + buffer.remaining() + " are left");
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
