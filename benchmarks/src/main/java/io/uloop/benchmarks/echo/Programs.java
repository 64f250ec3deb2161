package io.uloop.benchmarks.echo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The C programs, compiled into a temporary directory. */
final class Programs implements AutoCloseable {
    private static final List<String> NAMES = List.of("tcp_echo", "udp_echo", "load");

    private final Path folder;
    private final String compiler;

    private Programs(Path folder, String compiler) {
        this.folder = folder;
        this.compiler = compiler;
    }

    /**
     * Compiles all programs.
     *
     * @return the programs, or null if there is no compiler
     * @throws IOException if a program cannot be compiled
     */
    static @Nullable Programs compile() throws IOException {
        String version = firstLine("cc", "--version");
        if (version == null) {
            return null;
        }
        Path folder = Files.createTempDirectory("uloop-bench");
        Programs programs = new Programs(folder, version + ", -O2");
        try {
            for (String name : NAMES) {
                programs.compile(name);
            }
        } catch (IOException e) {
            programs.close();
            throw e;
        }
        return programs;
    }

    private void compile(String name) throws IOException {
        Path source = folder.resolve(name + ".c");
        try (InputStream resource = Programs.class.getResourceAsStream(name + ".c")) {
            Files.copy(Objects.requireNonNull(resource, name), source);
        }
        String complaint = firstLine("cc", "-O2", "-o", path(name).toString(), source.toString());
        if (!Files.isExecutable(path(name))) {
            throw new IOException("cc cannot compile " + name + ".c: " + complaint);
        }
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    /** {@return the version and the options of the compiler} */
    String compiler() {
        return compiler;
    }

    /** Returns the first line that a command prints, or null if the command cannot be started. */
    static @Nullable String firstLine(String... command) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return null;
        }
        try (InputStream output = process.getInputStream()) {
            String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().findFirst().orElse("");
        }
    }

    /** Deletes all programs. */
    @Override
    public void close() throws IOException {
        for (String name : NAMES) {
            Files.deleteIfExists(path(name));
            Files.deleteIfExists(path(name + ".c"));
        }
        Files.deleteIfExists(folder);
    }
}
