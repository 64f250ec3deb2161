package io.uloop.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the time server. */
@Command(
        name = "time-server",
        synopsisHeading = "%nUsage: ",
        header = "Answers anything a client sends with the date and time.",
        description =
                "%nThe answer is 26 bytes, for example 2020-06-15 15:34:33.899256. Press Ctrl-C to"
                        + " stop the server.",
        optionListHeading = "%nOptions:%n",
        sortOptions = false,
        footer = {
            "%nTry it from a second terminal:",
            "  nc 127.0.0.1 3333       then type something and press Enter",
            "  nc -u 127.0.0.1 3333    the same with --udp"
        })
final class TimeServerCommand implements Callable<Integer> {
    /** Bytes read at once, and the longest reply. */
    private static final int BUFFER_SIZE = 1024;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            converter = ServerOptions.Port.class,
            description = "Port, or 0 for any free port (default: ${DEFAULT-VALUE}).")
    private int port = 3333;

    @Mixin private ServerOptions options = new ServerOptions();

    @Option(names = "--udp", description = "Serve UDP instead of TCP.")
    private boolean udp;

    @Mixin HelpOption help = new HelpOption();

    @Override
    public Integer call() throws IOException {
        CommandLine command = help.command();
        TimeReply reply = new TimeReply();
        if (udp) {
            return options.serve(
                    command,
                    "time-server (udp)",
                    port,
                    (loop, local) -> UdpServerHandler.open(loop, local, BUFFER_SIZE, reply));
        }
        return options.serve(
                command,
                "time-server (tcp)",
                port,
                (loop, local) -> TcpServerHandler.open(loop, local, BUFFER_SIZE, reply));
    }
}
