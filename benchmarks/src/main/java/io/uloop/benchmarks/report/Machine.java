package io.uloop.benchmarks.report;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The environment of a run.
 *
 * @param cpu the model of the processors
 * @param processors the number of processors
 * @param memory the main memory, as in {@code 24 GiB}
 * @param kernel the operating system with its version
 * @param architecture the architecture, as in {@code amd64}
 * @param jdk the virtual machine with its version
 * @param flags the flags of the virtual machines that were measured, or an empty string
 * @param commit the commit of the sources, or {@code unknown}
 */
public record Machine(
        String cpu,
        int processors,
        String memory,
        String kernel,
        String architecture,
        String jdk,
        String flags,
        String commit) {
    /** Returns the environment of this process. */
    public static Machine here() {
        return new Machine(
                value(Path.of("/proc/cpuinfo"), "model name"),
                Runtime.getRuntime().availableProcessors(),
                memory(value(Path.of("/proc/meminfo"), "MemTotal")),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("os.arch"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                String.join(" ", jvmFlags()),
                Commit.current());
    }

    /** Returns the flags of this virtual machine, which the measured ones inherit. */
    static List<String> jvmFlags() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments();
    }

    /** Converts a size as in {@code 24576000 kB}. */
    private static String memory(String size) {
        if (!size.matches("\\d+ kB")) {
            return size;
        }
        double gib = Long.parseLong(size.substring(0, size.length() - 3)) / (1024.0 * 1024.0);
        return String.format(Locale.ROOT, "%.0f GiB", gib);
    }

    private static String value(Path file, String key) {
        try {
            for (String line : Files.readAllLines(file)) {
                int colon = line.indexOf(':');
                if (colon > 0 && line.substring(0, colon).trim().equals(key)) {
                    return line.substring(colon + 1).trim();
                }
            }
        } catch (IOException e) {
            return "unknown"; // not Linux
        }
        return "unknown";
    }
}
