package io.uloop.cli;

import io.uloop.Uloop;
import io.uloop.net.AcceptHandler;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** A TCP server with a {@link ClientHandler} per connection. */
final class TcpServerHandler implements AcceptHandler<TcpChannel>, Server {
    private static final System.Logger READ = System.getLogger("Uloop.TcpServerHandler.read");

    private final TcpListener listener;
    private final int bufferSize;
    private final Reply reply;
    private final Set<ClientHandler> clients = new HashSet<>();

    private TcpServerHandler(TcpListener listener, int bufferSize, Reply reply) {
        this.listener = listener;
        this.bufferSize = bufferSize;
        this.reply = reply;
    }

    /**
     * Opens a server and registers it with the loop.
     *
     * @param bufferSize bytes of the buffer of each connection; must hold any reply
     */
    static TcpServerHandler open(Uloop loop, InetSocketAddress local, int bufferSize, Reply reply)
            throws IOException {
        TcpListener listener = TcpListener.open(loop, local);
        TcpServerHandler server = new TcpServerHandler(listener, bufferSize, reply);
        listener.register(server);
        return server;
    }

    @Override
    public void accepted(TcpChannel channel) throws IOException {
        if (READ.isLoggable(System.Logger.Level.INFO)) {
            READ.log(
                    System.Logger.Level.INFO,
                    "connection from "
                            + Text.address(channel.getRemoteAddress())
                            + ", fd = "
                            + channel.fd());
        }
        ClientHandler client = new ClientHandler(channel, bufferSize, reply, clients::remove);
        channel.register(UEvent.IN, client);
        clients.add(client);
    }

    @Override
    public SocketAddress localAddress() throws IOException {
        return Objects.requireNonNull(listener.getLocalAddress(), "the socket is bound");
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (ClientHandler client : List.copyOf(clients)) {
            client.close();
        }
    }
}
