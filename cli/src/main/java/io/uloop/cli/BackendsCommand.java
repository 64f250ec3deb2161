package io.uloop.cli;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists the backends. */
@Command(
        name = "backends",
        synopsisHeading = "%nUsage: ",
        header = "Lists the backends and shows which one a server uses.",
        description = "%nThe exit status is 2 if the requested backend cannot be used here.",
        optionListHeading = "%nOptions:%n",
        sortOptions = false)
final class BackendsCommand implements Callable<Integer> {
    @Option(
            names = "--backend",
            paramLabel = "NAME",
            description = "Show which backend a server would use with this option.")
    private @Nullable String backend;

    @Mixin HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        CommandLine command = help.command();
        PrintWriter out = command.getOut();
        TextTable table =
                TextTable.forColumns(
                        command.getColorScheme(),
                        new Column(9, 0, Column.Overflow.SPAN),
                        new Column(10, 0, Column.Overflow.SPAN),
                        new Column(8, 0, Column.Overflow.SPAN),
                        new Column(53, 0, Column.Overflow.WRAP));
        table.addRowValues("BACKEND", "PRIORITY", "USABLE", "EVENTS AND MODES");
        List<String> reasons = new ArrayList<>();
        for (PollerProvider provider : Pollers.providers()) {
            String reason = provider.unavailability();
            table.addRowValues(
                    provider.name(),
                    String.format("%8d", provider.priority()),
                    reason == null ? "yes" : "no",
                    UEvent.toString(provider.supportedEvents()));
            if (reason != null) {
                reasons.add("No " + provider.name() + ": " + reason + '.');
            }
        }
        out.println(table);
        reasons.forEach(out::println);
        PollerProvider picked = backend == null ? Pollers.provider() : Pollers.provider(backend);
        if (picked.binding() != null) {
            out.println("Native backends call native code by " + picked.binding() + ".");
        }
        out.println("A server uses " + picked.name() + ", " + reason() + ".");
        return CommandLine.ExitCode.OK;
    }

    /** Returns why that backend was chosen, checking in the same order as {@link Pollers}. */
    private String reason() {
        if (backend != null) {
            return "because of --backend " + backend;
        }
        String property = System.getProperty(Pollers.PROPERTY);
        if (property != null && !property.isBlank()) {
            return "because of -D" + Pollers.PROPERTY + "=" + property;
        }
        String environment = System.getenv(Pollers.ENVIRONMENT);
        if (environment != null && !environment.isBlank()) {
            return "because of " + Pollers.ENVIRONMENT + "=" + environment + " in the environment";
        }
        return "the usable backend with the highest priority";
    }
}
