package io.uloop.cli;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.net.UdpChannel;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A UDP server that answers one datagram at a time. It receives no further datagram while a reply
 * waits for space in the socket's send buffer.
 */
final class UdpServerHandler implements EventHandler, Server {
    private static final System.Logger READ = System.getLogger("Uloop.UdpServerHandler.read");
    private static final System.Logger WRITE = System.getLogger("Uloop.UdpServerHandler.write");

    private final UdpChannel channel;
    private final Reply reply;
    private final ByteBuffer buffer;

    /** The recipient of the reply in the buffer; null if no reply is waiting. */
    private @Nullable SocketAddress waiting;

    private UdpServerHandler(UdpChannel channel, int bufferSize, Reply reply) {
        this.channel = channel;
        this.reply = reply;
        this.buffer = ByteBuffer.allocate(bufferSize);
    }

    /**
     * Opens a server and registers it with the loop.
     *
     * @param bufferSize bytes of the buffer; longer datagrams are truncated, and it must hold any
     *     reply
     */
    static UdpServerHandler open(Uloop loop, InetSocketAddress local, int bufferSize, Reply reply)
            throws IOException {
        UdpChannel channel = UdpChannel.open(loop, local);
        UdpServerHandler server = new UdpServerHandler(channel, bufferSize, reply);
        channel.register(UEvent.IN, server);
        return server;
    }

    @Override
    public void processEvent(int fd, int events) throws IOException {
        if (waiting == null) {
            read();
        } else {
            write(waiting);
        }
    }

    private void read() throws IOException {
        buffer.clear();
        SocketAddress sender = channel.receive(buffer);
        if (sender == null) {
            return; // readiness may be spurious
        }
        buffer.flip();
        if (READ.isLoggable(System.Logger.Level.INFO)) {
            READ.log(
                    System.Logger.Level.INFO,
                    "received " + Text.quote(buffer) + " from " + Text.address(sender));
        }
        reply.replace(buffer);
        write(sender);
    }

    private void write(SocketAddress target) throws IOException {
        boolean sent;
        try {
            int count = channel.send(buffer, target);
            sent = !buffer.hasRemaining();
            if (WRITE.isLoggable(System.Logger.Level.INFO)) {
                WRITE.log(
                        System.Logger.Level.INFO,
                        "sent " + count + " bytes to " + Text.address(target));
            }
        } catch (IOException e) {
            // A missing route or a firewall fails one reply only; continue with the next client.
            WRITE.log(
                    System.Logger.Level.WARNING,
                    "cannot answer " + Text.address(target) + ": " + e.getMessage());
            sent = true;
        }
        if (sent == (waiting != null)) {
            channel.modify(sent ? UEvent.IN : UEvent.OUT);
        }
        waiting = sent ? null : target;
    }

    @Override
    public SocketAddress localAddress() throws IOException {
        return Objects.requireNonNull(channel.getLocalAddress(), "the socket is bound");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
