package io.uloop.cli;

import io.uloop.poller.PollerUnavailableException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;

/** The {@code uloop} command line. */
public final class Main {
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    /** The command by which the launcher makes an AOT cache. */
    private static final String REHEARSE = "rehearse";

    /** In the order of the help. */
    private static final List<String> COMMANDS =
            List.of(
                    "backends",
                    "time-server",
                    "echo-server",
                    "fiber-time",
                    "fiber-echo",
                    "tail",
                    "stdin",
                    "run");

    private Main() {}

    /**
     * Runs one command and ends the JVM.
     *
     * @param arguments a command and its options
     */
    public static void main(String[] arguments) {
        LogFormat.install(Level.WARNING);
        Charset charset = Charset.defaultCharset();
        Console console =
                new Console(
                        new PrintWriter(System.out, true, charset),
                        new PrintWriter(System.err, true, charset));
        System.exit(run(console, arguments));
    }

    /**
     * Runs one command. Reports each failure in one line.
     *
     * @return the exit status
     */
    static int run(Console console, String... arguments) {
        String first = arguments.length == 0 ? "" : arguments[0];
        Command command = command(first);
        if (command == null) {
            return runWithoutCommand(console, first);
        }
        List<String> options = Arrays.asList(arguments).subList(1, arguments.length);
        String name = "uloop " + first;
        try {
            return command.run(console, options);
        } catch (UsageException e) {
            return refuse(console, name, e);
        } catch (PollerUnavailableException e) {
            report(console, name, e);
            return USAGE;
        } catch (IOException e) {
            report(console, name, e);
            return FAILED;
        } catch (RuntimeException e) {
            e.printStackTrace(console.err());
            return FAILED;
        }
    }

    private static int runWithoutCommand(Console console, String word) {
        switch (word) {
            case "" -> {
                printHelp(console.err());
                return USAGE;
            }
            case "-h", "--help" -> printHelp(console.out());
            case "-V", "--version" -> console.out().println(version());
            default -> {
                return refuse(console, "uloop", Command.unknown(word));
            }
        }
        return Command.OK;
    }

    private static @Nullable Command command(String name) {
        return switch (name) {
            case "backends" -> new BackendsCommand();
            case "time-server" -> new TimeServerCommand();
            case "echo-server" -> new EchoServerCommand();
            case "fiber-time" -> new FiberTimeCommand();
            case "fiber-echo" -> new FiberEchoCommand();
            case "tail" -> new TailCommand();
            case "stdin" -> new StdinCommand();
            case "run" -> new RunCommand();
            case REHEARSE -> new RehearseCommand();
            default -> null;
        };
    }

    private static int refuse(Console console, String name, UsageException failure) {
        report(console, name, failure);
        console.err().println("Try '" + name + " --help'.");
        return USAGE;
    }

    private static void report(Console console, String name, Exception failure) {
        console.err().println(name + ": " + failure.getMessage());
    }

    private static void printHelp(PrintWriter target) {
        HelpText text = new HelpText(target);
        text.paragraph(
                "Servers and tools on Uloop, an event loop over epoll, kqueue, poll and select.");
        text.paragraph("Usage: uloop COMMAND [OPTION...]");
        text.heading("Options:");
        text.row("-h, --help", "Show this help and exit.");
        text.row("-V, --version", "Print the version and exit.");
        text.endRows();
        text.heading("Commands:");
        for (String name : COMMANDS) {
            Command command = command(name);
            text.row(name, command == null ? "" : command.header());
        }
        text.endRows();
        text.lines(
                """
                Run 'uloop COMMAND --help' for details of a command.

                Every command uses the best backend that is usable here, unless --backend,
                -Duloop.poller or the environment variable ULOOP_POLLER names another one.

                Run 'uloop bench --help' to compare Uloop with C, NIO and Netty.
                """);
    }

    /** Reads the version from the jar's manifest. */
    private static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return "uloop " + (version == null ? "(not packaged)" : version);
    }
}
