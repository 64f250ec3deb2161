package io.uloop.cli;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Lists the backends. */
final class BackendsCommand extends Command {
    private final OptionSpec option =
            addText("NAME", "Show which backend a server would use with this option.", "--backend");

    BackendsCommand() {
        super(
                "backends",
                "Lists the backends and shows which one a server uses.",
                "The exit status is 2 if the requested backend cannot be used here.");
    }

    @Override
    public Integer call() {
        PrintWriter out = out();
        String row = "%-9s%8s  %-8s%s%n";
        out.printf(row, "BACKEND", "PRIORITY", "USABLE", "EVENTS AND MODES");
        List<String> reasons = new ArrayList<>();
        for (PollerProvider provider : Pollers.providers()) {
            String reason = provider.unavailability();
            out.printf(
                    row,
                    provider.name(),
                    provider.priority(),
                    reason == null ? "yes" : "no",
                    UEvent.toString(provider.supportedEvents()));
            if (reason != null) {
                reasons.add("No " + provider.name() + ": " + reason + '.');
            }
        }
        out.println();
        reasons.forEach(out::println);
        String backend = text(option);
        PollerProvider picked = backend == null ? Pollers.provider() : Pollers.provider(backend);
        if (picked.binding() != null) {
            out.println("Native backends call native code by " + picked.binding() + ".");
        }
        out.println("A server uses " + picked.name() + ", " + reason(backend) + ".");
        return CommandLine.ExitCode.OK;
    }

    /** Returns why that backend was chosen, checking in the same order as {@link Pollers}. */
    private static String reason(@Nullable String backend) {
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
