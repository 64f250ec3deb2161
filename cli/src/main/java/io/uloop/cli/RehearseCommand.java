package io.uloop.cli;

import io.uloop.Uloop;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Answers one client of a time server, while Java records the classes that it loads. Prints
 * nothing.
 */
final class RehearseCommand extends Command {
    private static final int BUFFER_SIZE = 1024;

    /** Enough for an answer. Without one, the launcher must not wait forever. */
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final OptionSpec port = ServerOptions.addPort(this, 0);
    private final ServerOptions options = new ServerOptions(this);

    RehearseCommand() {
        super(
                "rehearse",
                "Answers one request and exits, while the launcher records the classes used.",
                "");
    }

    @Override
    public Integer call() throws IOException {
        spec().commandLine().setOut(new PrintWriter(Writer.nullWriter()));
        try (Socket client = new Socket()) {
            return options.serve(
                    this, "rehearse", port, (loop, local) -> open(loop, local, client));
        }
    }

    private static Server open(Uloop loop, InetSocketAddress local, Socket client)
            throws IOException {
        Server server = TcpServerHandler.open(loop, local, BUFFER_SIZE, new TimeReply());
        client.connect(server.localAddress());
        client.getOutputStream().write('x');
        InputStream answer = client.getInputStream();
        loop.afterPoll(
                () -> {
                    if (answer.available() > 0) {
                        loop.stop();
                    }
                });
        loop.callLater(LIMIT, loop::stop);
        return server;
    }
}
