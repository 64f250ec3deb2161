package io.uloop.examples;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves an echo. */
@Command(
        name = "echo-server",
        synopsisHeading = "%nUsage: ",
        header = "Sends every TCP client back what it sends.",
        description =
                "%nA client that does not read is not read from either, so it costs no more"
                        + " memory than any other. Ctrl-C ends the server.",
        optionListHeading = "%nOptions:%n",
        sortOptions = false,
        footer = {
            "%nTry it from a second terminal:",
            "  nc 127.0.0.1 7000       then type something and press Enter"
        })
final class EchoServerCommand implements Callable<Integer> {
    /** What is read of a client at once, and held of it at most. */
    private static final int BUFFER_SIZE = 16 * 1024;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            converter = ServerOptions.Port.class,
            description = "Port, 0 for any free one (default: ${DEFAULT-VALUE}).")
    private int port = 7000;

    @Mixin private ServerOptions options = new ServerOptions();

    @Mixin HelpOption help = new HelpOption();

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        return options.serve(
                Objects.requireNonNull(spec).commandLine(),
                "echo-server (tcp)",
                port,
                (loop, local) -> TcpServerHandler.open(loop, local, BUFFER_SIZE, Reply.ECHO));
    }
}
