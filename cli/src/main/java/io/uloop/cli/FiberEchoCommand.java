package io.uloop.cli;

import java.io.IOException;
import picocli.CommandLine.Model.OptionSpec;

/** Runs the echo server with a fiber for each client. */
final class FiberEchoCommand extends Command {
    private static final int BUFFER_SIZE = 4096;

    private final OptionSpec port = ServerOptions.addPort(this, 7000);
    private final ServerOptions options = new ServerOptions(this);
    private final ModeOption mode = new ModeOption(this);

    FiberEchoCommand() {
        super(
                "fiber-echo",
                "Echoes back what each TCP client sends, with a fiber for each client.",
                "The server stops reading from a client that does not read its echoes. Press"
                        + " Ctrl-C to stop the server.",
                "%nTry it from a second terminal:",
                "  nc 127.0.0.1 7000       then type something and press Enter");
    }

    @Override
    public Integer call() throws IOException {
        return options.serve(
                this,
                "fiber-echo (tcp)",
                port,
                (loop, local) ->
                        FiberServer.open(
                                mode.fibersOn(loop, this), local, BUFFER_SIZE, request -> {}));
    }
}
