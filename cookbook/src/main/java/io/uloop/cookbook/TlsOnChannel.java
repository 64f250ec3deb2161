package io.uloop.cookbook;

import io.uloop.Uloop;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.poller.UEvent;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import tlschannel.NeedsReadException;
import tlschannel.NeedsWriteException;
import tlschannel.ServerTlsChannel;
import tlschannel.TlsChannel;

/** An echo server whose TLS is that of tls-channel, on a channel of the loop. */
final class TlsOnChannel {
    /** What has been read but not yet written. */
    private final ByteBuffer unwritten = ByteBuffer.allocate(16 * 1024).limit(0);

    private final TcpChannel socket;
    private final TlsChannel tls;

    private TlsOnChannel(TcpChannel socket, SSLContext context) throws IOException {
        this.socket = socket;
        tls = ServerTlsChannel.newBuilder(socket, context).build();
        socket.register(UEvent.IN, (fd, events) -> echo());
    }

    public static void main(String[] arguments) throws IOException, GeneralSecurityException {
        int port = Integer.getInteger("port", 7443);
        SSLContext context =
                context(
                        new File(System.getProperty("keys", "server.p12")),
                        System.getProperty("password", "password").toCharArray());
        try (Uloop loop = Uloop.open();
                TcpListener listener =
                        TcpListener.open(loop, new InetSocketAddress("localhost", port))) {
            listener.register(socket -> new TlsOnChannel(socket, context));
            System.out.println("listening on " + listener.getLocalAddress());
            loop.run();
        }
    }

    private static SSLContext context(File keys, char[] password)
            throws IOException, GeneralSecurityException {
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(KeyStore.getInstance(keys, password), password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    /**
     * Reads and writes until the socket would block. Either may be needed for the other, in a
     * handshake for example, so the exceptions say what to wait for.
     */
    private void echo() throws IOException {
        try {
            do {
                while (unwritten.hasRemaining()) {
                    tls.write(unwritten);
                }
            } while (read());
            tls.close(); // closes the socket, too
        } catch (NeedsReadException e) {
            socket.modify(UEvent.IN);
        } catch (NeedsWriteException e) {
            socket.modify(UEvent.OUT);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private boolean read() throws IOException {
        unwritten.clear();
        try {
            return tls.read(unwritten) >= 0;
        } finally {
            unwritten.flip();
        }
    }
}
