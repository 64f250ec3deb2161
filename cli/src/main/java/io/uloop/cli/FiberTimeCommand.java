package io.uloop.cli;

import java.io.IOException;

/** Runs the time server with a fiber for each client. */
final class FiberTimeCommand extends Command {
    /** Bytes read at once, and the longest reply. */
    private static final int BUFFER_SIZE = 1024;

    private final Option port = add(ServerOptions.port("3333"));
    private final ServerOptions options = new ServerOptions(this);
    private final ModeOption mode = new ModeOption(this);

    FiberTimeCommand() {
        super(
                "fiber-time",
                "Answers anything a client sends with the time, with a fiber for each client.",
                "The answer is 26 bytes, for example 2020-06-15 15:34:33.899256. Press Ctrl-C to"
                        + " stop the server.");
    }

    @Override
    String examples() {
        return """
                Try it from a second terminal:
                  nc 127.0.0.1 3333       then type something and press Enter
                """;
    }

    @Override
    int run(Console console) throws IOException {
        TimeReply reply = new TimeReply();
        return options.serve(
                console,
                "fiber-time (tcp)",
                port,
                (loop, local) -> FiberServer.open(mode.fibersOn(loop), local, BUFFER_SIZE, reply));
    }
}
