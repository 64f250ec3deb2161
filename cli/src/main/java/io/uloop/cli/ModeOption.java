package io.uloop.cli;

import io.uloop.Uloop;
import io.uloop.fiber.FiberMode;
import io.uloop.fiber.Fibers;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/** The {@code --mode} option of commands that use fibers. */
final class ModeOption {
    private final OptionSpec option;

    ModeOption(Command command) {
        option =
                command.add(
                        OptionSpec.builder("--mode")
                                .paramLabel("MODE")
                                .type(FiberMode.class)
                                .converters(new Mode())
                                .description(
                                        "Where fibers run: 'loop' on the loop's thread (JDK 21 to"
                                                + " 25), 'jdk' on virtual threads of the JDK (JDK"
                                                + " 21), 'platform' on a thread each (default: the"
                                                + " first of these that this JVM supports)."));
    }

    /** Returns fibers in this mode. Rejects a mode that this JVM does not support. */
    Fibers fibersOn(Uloop loop, Command command) {
        FiberMode mode = option.getValue();
        try {
            return mode == null ? Fibers.on(loop) : Fibers.on(loop, mode);
        } catch (UnsupportedOperationException e) {
            throw command.refuse(e.getMessage() + "; or choose another mode with --mode", e);
        } catch (IllegalArgumentException e) { // the system property
            throw command.refuse(e.getMessage(), e);
        }
    }

    /** Converts the name of a mode. */
    private static final class Mode implements ITypeConverter<FiberMode> {
        @Override
        public FiberMode convert(String value) {
            for (FiberMode each : FiberMode.values()) {
                if (each.name().toLowerCase(Locale.ROOT).equals(value)) {
                    return each;
                }
            }
            throw new TypeConversionException(
                    "'" + value + "' is not a mode; use loop, jdk or platform");
        }
    }
}
