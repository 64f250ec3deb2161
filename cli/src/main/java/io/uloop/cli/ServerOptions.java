package io.uloop.cli;

import io.uloop.Uloop;
import io.uloop.UloopBuilder;
import io.uloop.live.LivePage;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
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
    private static final Duration SLOW = Duration.ofMillis(100);

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            description = "Address or host name to listen on (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Mixin private BackendOption backend = new BackendOption();

    @Option(
            names = "--live",
            paramLabel = "PORT",
            arity = "0..1",
            fallbackValue = "0",
            converter = Port.class,
            description = {
                "Serve a page for a browser on this machine that shows what the loop does, on this"
                        + " port or on any free one."
            })
    private @Nullable Integer live;

    @Option(names = "--jmx", description = "Publish the loop in JMX, where 'uloop top' finds it.")
    private boolean jmx;

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
        try (Uloop loop = loop(command).build();
                LivePage page = live == null ? null : openPage(loop, live);
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
            if (page != null) {
                command.getOut().println("live page at " + page.uri());
            }
            loop.run();
        } finally {
            ended.countDown();
        }
        return CommandLine.ExitCode.OK;
    }

    private UloopBuilder loop(CommandLine command) {
        UloopBuilder builder = backend.loop();
        if (jmx || live != null) {
            builder.name(command.getCommandName()).slowHandlerThreshold(SLOW);
        }
        return jmx ? builder.jmx(true) : builder;
    }

    private static LivePage openPage(Uloop loop, int port) throws IOException {
        InetSocketAddress local = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try {
            return LivePage.open(loop, local);
        } catch (PollerException e) {
            String reason = explain(e, local, "--live");
            throw reason == null ? e : new IOException(reason, e);
        }
    }

    private static Server open(Server.Opener opener, Uloop loop, InetSocketAddress local)
            throws IOException {
        try {
            return opener.open(loop, local);
        } catch (PollerException e) {
            String reason = explain(e, local, "--port");
            throw reason == null ? e : new IOException(reason, e);
        }
    }

    private static @Nullable String explain(
            PollerException failure, InetSocketAddress local, String option) {
        String host = local.getAddress().getHostAddress();
        String place = "port " + local.getPort() + " on " + host;
        return switch (failure.errno()) {
            case EADDRINUSE ->
                    place + " is in use; stop the other program or choose another with " + option;
            case EACCES ->
                    "no permission to bind " + place + "; choose a port above 1023 with " + option;
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
