package io.uloop.cli;

import io.uloop.connection.ConnectionOptions;
import java.io.IOException;

/** Runs the echo server. */
final class EchoServerCommand extends Command {
    private final Option port = add(ServerOptions.port("7000"));
    private final TlsOption tls = new TlsOption(this);
    private final ServerOptions options = new ServerOptions(this);

    EchoServerCommand() {
        super(
                "echo-server",
                "Echoes back what each TCP client sends.",
                "The server stops reading from a client that does not read its echoes. When"
                        + " clients use too much memory, those that use the most are reset. Press"
                        + " Ctrl-C to stop the server.");
    }

    @Override
    String examples() {
        return """
                Try it from a second terminal:
                  nc 127.0.0.1 7000       then type something and press Enter

                Over TLS, with a self-signed certificate:
                  keytool -genkeypair -keyalg EC -dname CN=localhost -alias echo \\
                      -keystore echo.p12 -storepass password
                  uloop echo-server --tls echo.p12 --tls-password password
                  openssl s_client -quiet -connect 127.0.0.1:7000
                """;
    }

    @Override
    int run(Console console) throws IOException {
        ConnectionOptions.Builder connections = tls.applyTo(ConnectionOptions.builder());
        return options.serve(
                console,
                tls.isOn() ? "echo-server (tls)" : "echo-server (tcp)",
                port,
                (loop, local) -> EchoServer.open(loop, local, connections));
    }
}
