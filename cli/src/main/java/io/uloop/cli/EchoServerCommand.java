package io.uloop.cli;

import io.uloop.connection.ConnectionOptions;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the echo server. */
@Command(
        name = "echo-server",
        synopsisHeading = "%nUsage: ",
        header = "Echoes back what each TCP client sends.",
        description =
                "%nThe server stops reading from a client that does not read its echoes. When"
                        + " clients use too much memory, those that use the most are reset. Press"
                        + " Ctrl-C to stop the server.",
        optionListHeading = "%nOptions:%n",
        sortOptions = false,
        footer = {
            "%nTry it from a second terminal:",
            "  nc 127.0.0.1 7000       then type something and press Enter",
            "%nOver TLS, with a self-signed certificate:",
            "  keytool -genkeypair -keyalg EC -dname CN=localhost -alias echo \\",
            "      -keystore echo.p12 -storepass password",
            "  uloop echo-server --tls echo.p12 --tls-password password",
            "  openssl s_client -quiet -connect 127.0.0.1:7000"
        })
final class EchoServerCommand implements Callable<Integer> {
    @Option(
            names = "--port",
            paramLabel = "PORT",
            converter = ServerOptions.Port.class,
            description = "Port, or 0 for any free port (default: ${DEFAULT-VALUE}).")
    private int port = 7000;

    @Mixin private TlsOption tls = new TlsOption();

    @Mixin private ServerOptions options = new ServerOptions();

    @Mixin HelpOption help = new HelpOption();

    @Override
    public Integer call() throws IOException {
        CommandLine command = help.command();
        ConnectionOptions.Builder connections = tls.applyTo(ConnectionOptions.builder(), command);
        return options.serve(
                command,
                tls.isOn() ? "echo-server (tls)" : "echo-server (tcp)",
                port,
                (loop, local) -> EchoServer.open(loop, local, connections));
    }
}
