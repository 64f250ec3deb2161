package io.uloop.benchmarks.turn;

import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Compiles {@code calls.c} with {@code cc -O2} and loads it into this process. */
final class CLibrary {
    /** What a reader must know if {@link #load} returns null. */
    static final String ABSENT =
            "c: left out, because it needs Linux and a C compiler; install gcc or clang as cc";

    private static final String SOURCE = "calls.c";

    private CLibrary() {}

    /**
     * Compiles and loads the library.
     *
     * @return its functions, or null if there is no epoll(7) or no C compiler
     * @throws IOException if it cannot be compiled
     */
    static @Nullable CCalls load() throws IOException {
        if (!Linux.HERE) {
            return null;
        }
        Path folder = Files.createTempDirectory("uloop-bench");
        Path source = folder.resolve(SOURCE);
        Path library = folder.resolve("calls.so");
        try {
            try (InputStream resource = CLibrary.class.getResourceAsStream(SOURCE)) {
                Files.copy(Objects.requireNonNull(resource, SOURCE), source);
            }
            return compile(source, library) ? Posix.bind(CCalls.class, library) : null;
        } finally {
            Files.deleteIfExists(source);
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
            throw new IOException("cc cannot compile " + SOURCE + ": " + complaint);
        }
        return true;
    }
}
