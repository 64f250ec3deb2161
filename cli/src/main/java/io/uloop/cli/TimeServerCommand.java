package io.uloop.cli;

import java.io.IOException;
import picocli.CommandLine.Model.OptionSpec;

/** Runs the time server. */
final class TimeServerCommand extends Command {
    /** Bytes read at once, and the longest reply. */
    private static final int BUFFER_SIZE = 1024;

    private final OptionSpec port = ServerOptions.addPort(this, 3333);
    private final ServerOptions options = new ServerOptions(this);
    private final OptionSpec udp = addFlag("Serve UDP instead of TCP.", "--udp");

    TimeServerCommand() {
        super(
                "time-server",
                "Answers anything a client sends with the date and time.",
                "The answer is 26 bytes, for example 2020-06-15 15:34:33.899256. Press Ctrl-C to"
                        + " stop the server.",
                "%nTry it from a second terminal:",
                "  nc 127.0.0.1 3333       then type something and press Enter",
                "  nc -u 127.0.0.1 3333    the same with --udp");
    }

    @Override
    public Integer call() throws IOException {
        TimeReply reply = new TimeReply();
        return isGiven(udp)
                ? options.serve(
                        this,
                        "time-server (udp)",
                        port,
                        (loop, local) -> UdpServerHandler.open(loop, local, BUFFER_SIZE, reply))
                : options.serve(
                        this,
                        "time-server (tcp)",
                        port,
                        (loop, local) -> TcpServerHandler.open(loop, local, BUFFER_SIZE, reply));
    }
}
