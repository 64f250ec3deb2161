package io.uloop.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the echo server with a fiber for each client. */
@Command(
        name = "fiber-echo",
        synopsisHeading = "%nUsage: ",
        header = "Echoes back what each TCP client sends, with a fiber for each client.",
        description =
                "%nThe server stops reading from a client that does not read its echoes. Press"
                        + " Ctrl-C to stop the server.",
        optionListHeading = "%nOptions:%n",
        sortOptions = false,
        footer = {
            "%nTry it from a second terminal:",
            "  nc 127.0.0.1 7000       then type something and press Enter"
        })
final class FiberEchoCommand implements Callable<Integer> {
    private static final int BUFFER_SIZE = 4096;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            converter = ServerOptions.Port.class,
            description = "Port, or 0 for any free port (default: ${DEFAULT-VALUE}).")
    private int port = 7000;

    @Mixin private ServerOptions options = new ServerOptions();

    @Mixin private ModeOption mode = new ModeOption();

    @Mixin HelpOption help = new HelpOption();

    @Override
    public Integer call() throws IOException {
        CommandLine command = help.command();
        return options.serve(
                command,
                "fiber-echo (tcp)",
                port,
                (loop, local) ->
                        FiberServer.open(
                                mode.fibersOn(loop, command), local, BUFFER_SIZE, request -> {}));
    }
}
