package io.uloop.cli;

import io.uloop.Uloop;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.TypeConversionException;

/** Shows the loops of another process. */
final class TopCommand extends Command {
    /** Slightly more than the time for which loops report the same values. */
    private static final Duration PERIOD = Duration.ofMillis(1020);

    private static final List<String> MODULES = List.of("jdk.attach", "java.management.rmi");

    private final PositionalParamSpec pid =
            PositionalParamSpec.builder()
                    .paramLabel("PID")
                    .arity("1")
                    .required(true)
                    .type(long.class)
                    .converters(new Pid())
                    .description("Id of the process, as jps or pgrep print it.")
                    .build();

    private final OptionSpec once = addFlag("Print one table after a second and exit.", "--once");

    private @Nullable IOException failure;

    TopCommand() {
        super(
                "top",
                "Shows what the loops of another Java process do, once a second.",
                "Reads loops that are published in JMX, by Uloop.builder().jmx(true) or the option"
                        + " --jmx of the servers here. Needs a JDK, and must run as the same user as"
                        + " the process. Starts the JMX agent in that process, which listens for"
                        + " this machine only and stays there. Press Ctrl-C to stop.%n%nTURNS/S and"
                        + " EVENTS/S are rates of the last second, LOAD is the time outside waits,"
                        + " P99 the time that 99 of 100 turns took at most, FDS the registered"
                        + " descriptors, and SLOW counts callbacks over the loop's threshold.",
                "%nTry it:",
                "  uloop echo-server --jmx",
                "  uloop top $(pgrep -f 'echo-server --jmx')    from a second terminal");
        spec().addPositional(pid);
        spec().usageMessage().parameterListHeading("%nProcess:%n");
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (String module : MODULES) {
            if (ModuleLayer.boot().findModule(module).isEmpty()) {
                throw new IOException(
                        "this Java lacks the module " + module + "; run this command with a JDK");
            }
        }
        try (JmxLoops loops = JmxLoops.connect(pid.<Long>getValue())) {
            loops.read(); // rates need two samples
            Thread.sleep(PERIOD.toMillis());
            if (isGiven(once)) {
                LoopTable.lines(loops.read()).forEach(out()::println);
            } else {
                watch(loops);
            }
        }
        return CommandLine.ExitCode.OK;
    }

    private void watch(JmxLoops loops) throws IOException {
        CountDownLatch ended = new CountDownLatch(1);
        try (Uloop loop = Uloop.open();
                TopScreen screen = new TopScreen(loop, out())) {
            // The loop does not end in time if the other process is stopped.
            Runtime.getRuntime().addShutdownHook(new Thread(screen::close, "restore the terminal"));
            ServerOptions.stopOnShutdown(loop, ended);
            refresh(loop, screen, loops);
            loop.callEvery(PERIOD, () -> refresh(loop, screen, loops));
            loop.run();
        } finally {
            ended.countDown();
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void refresh(Uloop loop, TopScreen screen, JmxLoops loops) {
        try {
            List<LoopRow> rows = loops.read();
            List<String> lines = new ArrayList<>();
            lines.add(
                    "process "
                            + pid.<Long>getValue()
                            + ", "
                            + rows.size()
                            + (rows.size() == 1 ? " loop, " : " loops, ")
                            + LocalTime.now(ZoneId.systemDefault())
                                    .truncatedTo(ChronoUnit.SECONDS));
            lines.addAll(LoopTable.lines(rows));
            screen.show(lines);
        } catch (IOException e) {
            failure = e;
            loop.stop();
        }
    }

    /** Converts the id of a process. */
    private static final class Pid implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            try {
                long pid = Long.parseLong(value);
                if (pid > 0) {
                    return pid;
                }
            } catch (NumberFormatException e) {
                // Reported below, like a number out of range.
            }
            throw new TypeConversionException("'" + value + "' is not the id of a process");
        }
    }
}
