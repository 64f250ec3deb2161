package io.uloop.benchmarks;

import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Compiles C with {@code cc -O2} and loads it into this process. Thread-safe. */
public final class CompiledLibrary {
    /** What a reader must know if {@link #load} returns null. */
    public static final String ABSENT =
            "c: left out, because it needs Linux and a C compiler; install gcc or clang as cc";

    private CompiledLibrary() {}

    /**
     * Compiles and loads a library for Linux.
     *
     * @param <T> its functions
     * @param calls a public interface with its functions, of {@code int} and {@code long} only
     * @param source the name of a resource beside the interface, such as {@code calls.c}
     * @return its functions, or null if this is not Linux or there is no C compiler
     * @throws IOException if it cannot be compiled
     */
    public static <T> @Nullable T load(Class<T> calls, String source) throws IOException {
        if (!Linux.HERE) {
            return null;
        }
        Path folder = Files.createTempDirectory("uloop-bench");
        Path copy = folder.resolve(source);
        Path library = folder.resolve("library.so");
        try {
            try (InputStream resource = calls.getResourceAsStream(source)) {
                Files.copy(Objects.requireNonNull(resource, source), copy);
            }
            return compile(copy, library) ? Posix.bind(calls, library) : null;
        } finally {
            Files.deleteIfExists(copy);
            Files.deleteIfExists(library); // what is loaded stays loaded
            Files.deleteIfExists(folder);
        }
    }

    private static boolean compile(Path source, Path library) throws IOException {
        Process compiler;
        try {
            compiler =
                    new ProcessBuilder(
                                    "cc",
                                    "-O2",
                                    "-pthread",
                                    "-shared",
                                    "-fPIC",
                                    "-o",
                                    library.toString(),
                                    source.toString())
                            .redirectErrorStream(true)
                            .start();
        } catch (IOException e) {
            return false; // no compiler
        }
        String complaint;
        try (InputStream output = compiler.getInputStream()) {
            complaint = new String(output.readAllBytes(), StandardCharsets.UTF_8);
        }
        if (!Files.isReadable(library)) {
            throw new IOException("cc cannot compile " + source.getFileName() + ": " + complaint);
        }
        return true;
    }
}
