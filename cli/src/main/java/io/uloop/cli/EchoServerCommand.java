package io.uloop.cli;

import io.uloop.connection.ConnectionOptions;
import java.io.IOException;
import picocli.CommandLine.Model.OptionSpec;

/** Runs the echo server. */
final class EchoServerCommand extends Command {
    private final OptionSpec port = ServerOptions.addPort(this, 7000);
    private final TlsOption tls = new TlsOption(this);
    private final ServerOptions options = new ServerOptions(this);

    EchoServerCommand() {
        super(
                "echo-server",
                "Echoes back what each TCP client sends.",
                "The server stops reading from a client that does not read its echoes. When"
                        + " clients use too much memory, those that use the most are reset. Press"
                        + " Ctrl-C to stop the server.",
                "%nTry it from a second terminal:",
                "  nc 127.0.0.1 7000       then type something and press Enter",
                "%nOver TLS, with a self-signed certificate:",
                "  keytool -genkeypair -keyalg EC -dname CN=localhost -alias echo \\",
                "      -keystore echo.p12 -storepass password",
                "  uloop echo-server --tls echo.p12 --tls-password password",
                "  openssl s_client -quiet -connect 127.0.0.1:7000");
    }

    @Override
    public Integer call() throws IOException {
        ConnectionOptions.Builder connections = tls.applyTo(ConnectionOptions.builder(), this);
        return options.serve(
                this,
                tls.isOn() ? "echo-server (tls)" : "echo-server (tcp)",
                port,
                (loop, local) -> EchoServer.open(loop, local, connections));
    }
}
