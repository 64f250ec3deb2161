package io.uloop.cli;

import io.uloop.Uloop;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;

/** The options shared by all servers; runs a server with them. */
final class ServerOptions {
    private static final long SECONDS_TO_END = 5;

    private final Option host =
            Option.withValue(
                    "ADDRESS",
                    "127.0.0.1",
                    "Address or host name to listen on (default: 127.0.0.1).",
                    "--host");

    private final Option verbose =
            Option.flag("Log every event, read and write to standard error.", "-v", "--verbose");

    private final BackendOption backend;

    ServerOptions(Command command) {
        command.add(host);
        backend = new BackendOption(command);
        command.add(verbose);
    }

    /** Returns the option that chooses a port. */
    static Option port(String initial) {
        return Option.withValue(
                "PORT",
                initial,
                "Port, or 0 for any free port (default: " + initial + ").",
                "--port");
    }

    /**
     * Prints the address in one line and serves until the process receives a termination signal.
     *
     * @param name the server's name in that line
     * @return the exit status
     */
    int serve(Console console, String name, Option port, Server.Opener opener) throws IOException {
        if (verbose.isPresent()) {
            LogFormat.install(Level.INFO);
        }
        int number = port.number(0, 65535, "port; use 0 to 65535, where 0 picks any free port");
        InetSocketAddress local =
                new InetSocketAddress(Objects.requireNonNull(host.value()), number);
        if (local.isUnresolved()) {
            throw new UsageException(
                    "--host " + host.value() + " is neither an address nor a known host name");
        }
        CountDownLatch ended = new CountDownLatch(1);
        try (Uloop loop = backend.loop().build();
                Server server = open(opener, loop, local)) {
            stopOnShutdown(loop, ended);
            console.out()
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
        return Command.OK;
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
}
