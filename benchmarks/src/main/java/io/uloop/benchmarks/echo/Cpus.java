package io.uloop.benchmarks.echo;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The CPUs to pin processes to.
 *
 * @param server the number of the server's CPU, or null if it is not pinned
 * @param load that of the load generator, likewise
 */
record Cpus(@Nullable String server, @Nullable String load) {
    static final Cpus NONE = new Cpus(null, null);

    /** Returns two CPUs, or none if there is one only or nothing that pins. */
    static Cpus apart() throws IOException {
        return Runtime.getRuntime().availableProcessors() > 1 && canPin()
                ? new Cpus("0", "1")
                : NONE;
    }

    /** Returns whether processes can be pinned. */
    static boolean canPin() throws IOException {
        return Programs.firstLine("taskset", "--version") != null;
    }
}
