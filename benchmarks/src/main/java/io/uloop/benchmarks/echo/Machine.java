package io.uloop.benchmarks.echo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a comparison.
 *
 * @param compiler the compiler of the C programs, or null
 * @param cpus the CPUs that server and load are pinned to, or null
 */
record Machine(
        String cpu,
        int processors,
        String kernel,
        String architecture,
        String jdk,
        String jvmFlags,
        @Nullable String compiler,
        @Nullable String cpus) {
    static Machine here(String jvmFlags, @Nullable String compiler, @Nullable String cpus) {
        return new Machine(
                cpuModel(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("os.arch"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                jvmFlags,
                compiler,
                cpus);
    }

    private static String cpuModel() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).trim();
                }
            }
        } catch (IOException e) {
            return "unknown (" + e + ")";
        }
        return "unknown";
    }

    @Override
    public String toString() {
        return processors
                + " x "
                + cpu
                + ", "
                + kernel
                + " "
                + architecture
                + "\n"
                + jdk
                + ", "
                + jvmFlags
                + "\n"
                + (compiler == null ? "no C compiler" : compiler)
                + ", "
                + (cpus == null ? "not pinned" : "server and load on CPUs " + cpus);
    }
}
