package io.uloop.cli;

import io.uloop.Uloop;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** The options shared by all servers; runs a server with them. */
final class ServerOptions {
    private static final long SECONDS_TO_END = 5;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            description = "Address or host name to listen on (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Mixin private BackendOption backend = new BackendOption();

    @Option(
            names = {"-v", "--verbose"},
            description = "Log every event, read and write to standard error.")
    private boolean verbose;

    /**
     * Prints the address in one line and serves until the process receives a termination signal.
     *
     * @param name the server's name in that line
     * @return the exit status
     */
    int serve(CommandLine command, String name, int port, Server.Opener opener) throws IOException {
        if (verbose) {
            LogFormat.install(Level.INFO);
        }
        InetSocketAddress local = new InetSocketAddress(host, port);
        if (local.isUnresolved()) {
            throw new ParameterException(
                    command, "--host " + host + " is neither an address nor a known host name");
        }
        CountDownLatch ended = new CountDownLatch(1);
        try (Uloop loop = backend.loop().build();
                Server server = open(opener, loop, local)) {
            stopOnShutdown(loop, ended);
            command.getOut()
                    .println(
                            name
                                    + " listening on "
                                    + Text.address(server.localAddress())
                                    + ", "
                                    + loop.provider().name()
                                    + server.details());
            loop.run();
        } finally {
            ended.countDown();
        }
        return CommandLine.ExitCode.OK;
    }

    private static Server open(Server.Opener opener, Uloop loop, InetSocketAddress local)
            throws IOException {
        try {
            return opener.open(loop, local);
        } catch (PollerException e) {
            String reason = explain(e, local);
            throw reason == null ? e : new IOException(reason, e);
        }
    }

    private static @Nullable String explain(PollerException failure, InetSocketAddress local) {
        String host = local.getAddress().getHostAddress();
        String place = "port " + local.getPort() + " on " + host;
        return switch (failure.errno()) {
            case EADDRINUSE ->
                    place + " is in use; stop the other program or choose another with --port";
            case EACCES ->
                    "no permission to bind " + place + "; choose a port above 1023 with --port";
            case EADDRNOTAVAIL ->
                    host + " is not an address of this machine; choose another with --host";
            default -> null;
        };
    }

    /**
     * Stops the loop on Ctrl-C and TERM, and makes the JVM wait for it. The exit status is then
     * that of the signal, 130 or 143.
     */
    static void stopOnShutdown(Uloop loop, CountDownLatch ended) {
        Runnable stop =
                () -> {
                    loop.stop();
                    try {
                        boolean inTime = ended.await(SECONDS_TO_END, TimeUnit.SECONDS);
                        if (!inTime) {
                            System.err.println("the loop did not end in time");
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt(); // the JVM exits without waiting
                    }
                };
        Runtime.getRuntime().addShutdownHook(new Thread(stop, "stop " + loop));
    }

    /** Converts a port number, 0 to 65535. */
    static final class Port implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            try {
                int port = Integer.parseInt(value);
                if (port >= 0 && port <= 65535) {
                    return port;
                }
            } catch (NumberFormatException e) {
                // Reported below, like a number out of range.
            }
            throw new TypeConversionException(
                    "'" + value + "' is not a port; use 0 to 65535, where 0 picks any free port");
        }
    }
}
