package io.uloop.cli;

import io.uloop.poller.tck.ChildJava;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Runs other programs and reads the state of processes from /proc. */
final class Processes {
    private Processes() {}

    /** The exit status of a program and its output, with standard error merged in. */
    record Result(int status, String output) {}

    static Result run(ProcessBuilder program) throws IOException, InterruptedException {
        Process process = program.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }

    /**
     * Returns a builder for the program in a separate JVM with this JVM's class path and the option
     * of the launcher.
     */
    static ProcessBuilder uloop(String... arguments) {
        return ChildJava.of(Main.class, arguments)
                .options("--add-opens=java.base/java.lang=ALL-UNNAMED")
                .builder();
    }

    /** {@return whether a program is on the PATH} */
    static boolean isInstalled(String program) {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** Returns a number from /proc/PID/status in the unit used there (kB for sizes). */
    static long status(long pid, String field) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"));
        return lines.stream()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1).replace("kB", "").strip())
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow();
    }

    /** Counts the open descriptors of a process except files, which the JVM opens at any time. */
    static long sockets(long pid) throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return entries.filter(Processes::isNoFile).count();
        }
    }

    private static boolean isNoFile(Path entry) {
        try {
            return !Files.readSymbolicLink(entry).toString().startsWith("/");
        } catch (IOException e) {
            return false; // closed since it was listed
        }
    }
}
