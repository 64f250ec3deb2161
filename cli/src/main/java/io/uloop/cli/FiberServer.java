package io.uloop.cli;

import io.uloop.Timer;
import io.uloop.fiber.FiberListener;
import io.uloop.fiber.FiberSocket;
import io.uloop.fiber.Fibers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP server with a fiber for each client: reads a request, writes the reply, and again. */
final class FiberServer implements Server {
    private static final System.Logger ACCEPT = System.getLogger("Uloop.FiberServer.accept");
    private static final System.Logger READ = System.getLogger("Uloop.FiberServer.read");
    private static final System.Logger WRITE = System.getLogger("Uloop.FiberServer.write");
    private static final System.Logger CLOSE = System.getLogger("Uloop.FiberServer.close");
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    private final Fibers fibers;
    private final FiberListener listener;
    private final int bufferSize;
    private final Reply reply;

    /** The open connections. Fibers of other modes than loop use it at the same time. */
    private final Set<FiberSocket> clients = ConcurrentHashMap.newKeySet();

    private FiberServer(Fibers fibers, FiberListener listener, int bufferSize, Reply reply) {
        this.fibers = fibers;
        this.listener = listener;
        this.bufferSize = bufferSize;
        this.reply = reply;
    }

    /**
     * Opens a server that accepts connections in a fiber.
     *
     * @param bufferSize bytes of the buffer of each connection; must hold any reply
     * @param reply used by several fibers, in some modes at the same time
     */
    static FiberServer open(Fibers fibers, InetSocketAddress local, int bufferSize, Reply reply)
            throws IOException {
        FiberListener listener = FiberListener.open(fibers, local);
        FiberServer server = new FiberServer(fibers, listener, bufferSize, reply);
        fibers.start("listener", server::accept);
        return server;
    }

    private void accept() throws IOException {
        try {
            while (true) {
                FiberSocket client = listener.accept();
                String address = Text.address(client.channel().getRemoteAddress());
                log(ACCEPT, "connection from " + address, client);
                clients.add(client);
                fibers.start("client " + address, () -> serve(client));
            }
        } catch (ClosedChannelException e) {
            log(CLOSE, "stopped listening", listener);
        }
    }

    private void serve(FiberSocket client) {
        try (client) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(bufferSize);
            while (client.read(buffer.clear()) >= 0) {
                buffer.flip();
                if (READ.isLoggable(System.Logger.Level.INFO)) {
                    log(READ, "received " + Text.quote(buffer), client);
                }
                reply.replace(buffer);
                int count = client.write(buffer); // waits while the client does not read
                if (WRITE.isLoggable(System.Logger.Level.INFO)) {
                    log(WRITE, "sent " + count + " bytes", client);
                }
            }
            log(CLOSE, "closed by the client", client);
        } catch (IOException e) {
            log(CLOSE, "lost: " + e.getMessage(), client); // clients may reset
        } finally {
            clients.remove(client);
        }
    }

    @Override
    public SocketAddress localAddress() throws IOException {
        return Objects.requireNonNull(listener.getLocalAddress(), "the socket is bound");
    }

    @Override
    public String details() {
        return ", fibers in mode " + fibers.mode().name().toLowerCase(Locale.ROOT);
    }

    /** Closes the listener and the connections. Each has one second to send its last reply. */
    @Override
    public void close() throws IOException {
        listener.close();
        clients.forEach(FiberServer::endInput);
        if (fibers.loop().isOpen()) {
            Timer limit = fibers.loop().callLater(CLOSE_TIMEOUT, fibers.loop()::stop);
            fibers.run();
            limit.close();
        }
        for (FiberSocket client : clients) {
            client.close();
        }
    }

    /** Makes the fiber of a client end after the reply that it is writing. */
    private static void endInput(FiberSocket client) {
        try {
            client.shutdownInput();
        } catch (IOException e) {
            log(CLOSE, "lost: " + e.getMessage(), client);
        }
    }

    private static void log(System.Logger logger, String message, Object channel) {
        if (logger.isLoggable(System.Logger.Level.INFO)) {
            logger.log(System.Logger.Level.INFO, message + ", " + channel);
        }
    }
}
