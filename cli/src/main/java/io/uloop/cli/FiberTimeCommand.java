package io.uloop.cli;

import java.io.IOException;
import picocli.CommandLine.Model.OptionSpec;

/** Runs the time server with a fiber for each client. */
final class FiberTimeCommand extends Command {
    /** Bytes read at once, and the longest reply. */
    private static final int BUFFER_SIZE = 1024;

    private final OptionSpec port = ServerOptions.addPort(this, 3333);
    private final ServerOptions options = new ServerOptions(this);
    private final ModeOption mode = new ModeOption(this);

    FiberTimeCommand() {
        super(
                "fiber-time",
                "Answers anything a client sends with the time, with a fiber for each client.",
                "The answer is 26 bytes, for example 2020-06-15 15:34:33.899256. Press Ctrl-C to"
                        + " stop the server.",
                "%nTry it from a second terminal:",
                "  nc 127.0.0.1 3333       then type something and press Enter");
    }

    @Override
    public Integer call() throws IOException {
        TimeReply reply = new TimeReply();
        return options.serve(
                this,
                "fiber-time (tcp)",
                port,
                (loop, local) ->
                        FiberServer.open(mode.fibersOn(loop, this), local, BUFFER_SIZE, reply));
    }
}
