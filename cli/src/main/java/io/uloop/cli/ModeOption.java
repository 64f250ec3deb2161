package io.uloop.cli;

import io.uloop.Uloop;
import io.uloop.fiber.FiberMode;
import io.uloop.fiber.Fibers;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The {@code --mode} option of commands that use fibers. */
final class ModeOption {
    private final Option option =
            Option.withValue(
                    "MODE",
                    null,
                    "Where fibers run: 'loop' on the loop's thread (JDK 21 to 25), 'jdk' on virtual"
                            + " threads of the JDK (JDK 21), 'platform' on a thread each (default:"
                            + " the first of these that this JVM supports).",
                    "--mode");

    ModeOption(Command command) {
        command.add(option);
    }

    /** Returns fibers in this mode. Rejects a mode that this JVM does not support. */
    Fibers fibersOn(Uloop loop) {
        FiberMode mode = mode();
        try {
            return mode == null ? Fibers.on(loop) : Fibers.on(loop, mode);
        } catch (UnsupportedOperationException e) {
            throw new UsageException(e.getMessage() + "; or choose another mode with --mode", e);
        } catch (IllegalArgumentException e) { // the system property
            throw new UsageException(e.getMessage(), e);
        }
    }

    private @Nullable FiberMode mode() {
        String name = option.value();
        if (name == null) {
            return null;
        }
        for (FiberMode each : FiberMode.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(name)) {
                return each;
            }
        }
        throw option.refuse("mode; use loop, jdk or platform");
    }
}
