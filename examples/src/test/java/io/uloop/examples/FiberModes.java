package io.uloop.examples;

import java.util.List;

/** The modes of fibers in which tests run the examples. */
final class FiberModes {
    private static final int JDK = Runtime.version().feature();

    private FiberModes() {}

    /** {@return the modes that the JVM of {@link #options} supports} */
    static List<String> all() {
        if (JDK < 21) {
            return List.of("platform");
        }
        return JDK > 25 ? List.of("jdk", "platform") : List.of("loop", "jdk", "platform");
    }

    /** {@return the options of Java for a mode} */
    static List<String> options(String mode) {
        return List.of("--add-opens=java.base/java.lang=ALL-UNNAMED", "-Duloop.fibers=" + mode);
    }
}
