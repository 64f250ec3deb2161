package io.uloop.cookbook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.ChildJava;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/** A server in its own JVM, on a free port of the loopback address. */
final class Server implements AutoCloseable {
    private final Process process;
    private final int port;

    Server(Class<?> main, String... options) throws IOException {
        process =
                ChildJava.of(main)
                        .options("-Dport=0")
                        .options(options)
                        .builder()
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try {
            port = readPort();
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private int readPort() throws IOException {
        BufferedReader output = process.inputReader(UTF_8);
        String line = output.readLine();
        assertThat(line).isNotNull().contains("listening on ");
        return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
    }

    Socket connect(SocketFactory sockets) throws IOException {
        Socket socket = sockets.createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout((int) ChildJava.DEADLINE.toMillis());
        return socket;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
