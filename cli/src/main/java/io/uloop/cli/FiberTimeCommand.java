package io.uloop.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the time server with a fiber for each client. */
@Command(
        name = "fiber-time",
        synopsisHeading = "%nUsage: ",
        header = "Answers anything a client sends with the time, with a fiber for each client.",
        description =
                "%nThe answer is 26 bytes, for example 2020-06-15 15:34:33.899256. Press Ctrl-C to"
                        + " stop the server.",
        optionListHeading = "%nOptions:%n",
        sortOptions = false,
        footer = {
            "%nTry it from a second terminal:",
            "  nc 127.0.0.1 3333       then type something and press Enter"
        })
final class FiberTimeCommand implements Callable<Integer> {
    /** Bytes read at once, and the longest reply. */
    private static final int BUFFER_SIZE = 1024;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            converter = ServerOptions.Port.class,
            description = "Port, or 0 for any free port (default: ${DEFAULT-VALUE}).")
    private int port = 3333;

    @Mixin private ServerOptions options = new ServerOptions();

    @Mixin private ModeOption mode = new ModeOption();

    @Mixin HelpOption help = new HelpOption();

    @Override
    public Integer call() throws IOException {
        CommandLine command = help.command();
        TimeReply reply = new TimeReply();
        return options.serve(
                command,
                "fiber-time (tcp)",
                port,
                (loop, local) ->
                        FiberServer.open(mode.fibersOn(loop, command), local, BUFFER_SIZE, reply));
    }
}
