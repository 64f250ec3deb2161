package io.uloop.benchmarks.echo;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The resources that a process has used so far.
 *
 * @param cpuNanos CPU time of all live threads
 * @param userTicks time in user mode, in ticks of 10 ms
 * @param systemTicks time in the kernel, in ticks of 10 ms
 * @param residentBytes resident memory
 * @see <a href="https://man7.org/linux/man-pages/man5/proc.5.html">proc(5)</a>
 */
record ProcessUsage(long cpuNanos, long userTicks, long systemTicks, long residentBytes) {
    private static final int USER_FIELD = 14;
    private static final int SYSTEM_FIELD = 15;

    /** Reads the usage of a process from /proc. */
    static ProcessUsage of(long pid) throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        String stat = Files.readString(process.resolve("stat"));
        long cpuNanos = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
            for (Path thread : threads) {
                cpuNanos += cpuNanos(thread);
            }
        }
        return new ProcessUsage(
                cpuNanos,
                statField(stat, USER_FIELD),
                statField(stat, SYSTEM_FIELD),
                residentBytes(Files.readAllLines(process.resolve("status"))));
    }

    /** Returns the CPU time of a thread, 0 if it has ended since it was listed. */
    private static long cpuNanos(Path thread) throws IOException {
        try {
            return onCpuNanos(Files.readString(thread.resolve("schedstat")));
        } catch (IOException e) {
            if (Files.exists(thread)) {
                throw e;
            }
            return 0;
        }
    }

    /** Returns the time on the CPU from the content of a schedstat file. */
    static long onCpuNanos(String schedstat) {
        return Long.parseLong(schedstat.substring(0, schedstat.indexOf(' ')));
    }

    /**
     * Returns a field of a stat file. The process name, field 2, may contain spaces and
     * parentheses.
     *
     * @param number the number of the field in proc(5), 3 or more
     */
    static long statField(String stat, int number) {
        String behindName = stat.substring(stat.lastIndexOf(')') + 2);
        return Long.parseLong(behindName.trim().split(" ", -1)[number - 3]);
    }

    /** Returns VmRSS from a status file, in bytes. */
    static long residentBytes(List<String> status) {
        for (String line : status) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IllegalArgumentException("no VmRSS in " + status);
    }

    /** Returns the fraction of the CPU time since {@code before} in user mode, 0 to 1. */
    double userShareSince(ProcessUsage before) {
        long user = userTicks - before.userTicks;
        long system = systemTicks - before.systemTicks;
        return user + system == 0 ? 0 : (double) user / (user + system);
    }
}
