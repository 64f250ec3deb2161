package io.uloop.examples;

import io.uloop.net.ConnectionOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs an {@link EchoService}, which uses one loop per processor. */
@Command(
        name = "echo-service",
        header = "Echoes back what each TCP client sends, on all processors.")
final class EchoServiceProgram implements Callable<Integer> {
    @Option(
            names = "--port",
            paramLabel = "PORT",
            converter = ServerOptions.Port.class,
            description = "Port, or 0 for any free port (default: ${DEFAULT-VALUE}).")
    private int port = 7000;

    @Mixin private TlsOption tls = new TlsOption();

    @Mixin HelpOption help = new HelpOption();

    @Spec private @Nullable CommandSpec spec;

    private EchoServiceProgram() {}

    /**
     * Serves until the process receives a termination signal.
     *
     * @param arguments the options
     */
    public static void main(String[] arguments) {
        LogFormat.install(Level.WARNING);
        int status = new CommandLine(new EchoServiceProgram()).execute(arguments);
        if (status != CommandLine.ExitCode.OK) {
            System.exit(status);
        }
    }

    @Override
    public Integer call() throws Exception {
        CommandLine command = Objects.requireNonNull(spec).commandLine();
        ConnectionOptions options =
                tls.applyTo(ConnectionOptions.builder().idleTimeout(Duration.ofMinutes(5)), command)
                        .build();
        InetSocketAddress local = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        EchoService service = new EchoService(local, options);
        Runtime.getRuntime().addShutdownHook(new Thread(service::close, "close the service"));
        command.getOut()
                .println(
                        "echo-service listening on "
                                + Text.address(service.address())
                                + (tls.isOn() ? ", tls" : ", tcp"));
        command.getOut().flush();
        return CommandLine.ExitCode.OK; // the service's threads keep the JVM alive
    }
}
