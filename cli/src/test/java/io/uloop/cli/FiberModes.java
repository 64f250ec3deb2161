package io.uloop.cli;

import io.uloop.Uloop;
import io.uloop.fiber.FiberMode;
import io.uloop.fiber.Fibers;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The modes of fibers that this JVM supports. */
final class FiberModes {
    private FiberModes() {}

    static List<FiberMode> all() throws IOException {
        try (Uloop loop = Uloop.open()) {
            return Arrays.stream(FiberMode.values())
                    .filter(mode -> isSupported(loop, mode))
                    .toList();
        }
    }

    /** {@return the values of the option --mode} */
    static List<String> names() throws IOException {
        return all().stream().map(FiberModes::name).toList();
    }

    static String name(FiberMode mode) {
        return mode.name().toLowerCase(Locale.ROOT);
    }

    private static boolean isSupported(Uloop loop, FiberMode mode) {
        try {
            return Fibers.on(loop, mode).mode() == mode;
        } catch (UnsupportedOperationException e) {
            return false;
        }
    }
}
