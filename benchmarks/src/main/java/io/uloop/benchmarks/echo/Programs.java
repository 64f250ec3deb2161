package io.uloop.benchmarks.echo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The C programs, compiled into a temporary directory when they are first needed. */
final class Programs implements AutoCloseable {
    private static final String HEADER = "load.h"; // of the load generators

    private final Path folder;
    private final String compiler;

    private Programs(Path folder, String compiler) {
        this.folder = folder;
        this.compiler = compiler;
    }

    /**
     * Finds the compiler.
     *
     * @return the programs, or null if there is no compiler
     */
    static @Nullable Programs find() throws IOException {
        String version = firstLine("cc", "--version");
        return version == null
                ? null
                : new Programs(Files.createTempDirectory("uloop-bench"), version + ", -O2");
    }

    /**
     * Returns the path of a program, which is compiled by the first call.
     *
     * @throws IOException if it cannot be compiled
     */
    String path(String name) throws IOException {
        Path program = folder.resolve(name);
        if (Files.notExists(program)) {
            copy(HEADER);
            Path source = copy(name + ".c");
            String complaint = firstLine("cc", "-O2", "-o", program.toString(), source.toString());
            if (!Files.isExecutable(program)) {
                throw new IOException("cc cannot compile " + name + ".c: " + complaint);
            }
        }
        return program.toString();
    }

    private Path copy(String name) throws IOException {
        Path target = folder.resolve(name);
        try (InputStream resource = Programs.class.getResourceAsStream(name)) {
            Files.copy(
                    Objects.requireNonNull(resource, name),
                    target,
                    StandardCopyOption.REPLACE_EXISTING);
        }
        return target;
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
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
