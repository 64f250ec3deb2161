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
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/** The options shared by all servers; runs a server with them. */
final class ServerOptions {
    private static final long SECONDS_TO_END = 5;
    private static final Duration SLOW = Duration.ofMillis(100);

    private final OptionSpec host;
    private final BackendOption backend;
    private final OptionSpec live;
    private final OptionSpec jmx;
    private final OptionSpec verbose;

    ServerOptions(Command command) {
        host =
                command.add(
                        OptionSpec.builder("--host")
                                .paramLabel("ADDRESS")
                                .type(String.class)
                                .defaultValue("127.0.0.1")
                                .description(
                                        "Address or host name to listen on (default:"
                                                + " ${DEFAULT-VALUE})."));
        backend = new BackendOption(command);
        live =
                command.add(
                        OptionSpec.builder("--live")
                                .paramLabel("PORT")
                                .type(Integer.class)
                                .arity("0..1")
                                .fallbackValue("0")
                                .converters(new Port())
                                .description(
                                        "Serve a page for a browser on this machine that shows what"
                                                + " the loop does, on this port or on any free"
                                                + " one."));
        jmx = command.addFlag("Publish the loop in JMX, where 'uloop top' finds it.", "--jmx");
        verbose =
                command.addFlag(
                        "Log every event, read and write to standard error.", "-v", "--verbose");
    }

    /** Adds the option that chooses a port. */
    static OptionSpec addPort(Command command, int initial) {
        return command.add(
                OptionSpec.builder("--port")
                        .paramLabel("PORT")
                        .type(int.class)
                        .converters(new Port())
                        .defaultValue(Integer.toString(initial))
                        .description("Port, or 0 for any free port (default: ${DEFAULT-VALUE})."));
    }

    /**
     * Prints the address in one line and serves until the process receives a termination signal.
     *
     * @param name the server's name in that line
     * @return the exit status
     */
    int serve(Command command, String name, OptionSpec port, Server.Opener opener)
            throws IOException {
        if (Command.isGiven(verbose)) {
            LogFormat.install(Level.INFO);
        }
        InetSocketAddress local =
                new InetSocketAddress(host.<String>getValue(), port.<Integer>getValue());
        if (local.isUnresolved()) {
            throw command.refuse(
                    "--host "
                            + local.getHostString()
                            + " is neither an address nor a known host name");
        }
        Integer livePort = live.getValue();
        CountDownLatch ended = new CountDownLatch(1);
        try (Uloop loop = loop(command).build();
                LivePage page = livePort == null ? null : openPage(loop, livePort);
                Server server = open(opener, loop, local)) {
            stopOnShutdown(loop, ended);
            command.out()
                    .println(
                            name
                                    + " listening on "
                                    + Text.address(server.localAddress())
                                    + ", "
                                    + loop.provider().name()
                                    + server.details());
            if (page != null) {
                command.out().println("live page at " + page.uri());
            }
            loop.run();
        } finally {
            ended.countDown();
        }
        return CommandLine.ExitCode.OK;
    }

    private UloopBuilder loop(Command command) {
        UloopBuilder builder = backend.loop();
        boolean published = Command.isGiven(jmx);
        if (published || live.getValue() != null) {
            builder.name(command.name()).slowHandlerThreshold(SLOW);
        }
        try {
            return builder.jmx(published);
        } catch (UnsupportedOperationException e) { // a small runtime image
            throw command.refuse("--jmx: " + e.getMessage(), e);
        }
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
