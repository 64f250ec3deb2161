package io.uloop.cookbook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.tck.ChildJava;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

/** Follows the recipe for jlink and jpackage, with a module of one class. */
class RuntimeImageRecipeTest {
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    private static final String MAIN =
            """
            package app;

            public class Main {
                public static void main(String[] arguments) throws Exception {
                    try (var loop = io.uloop.Uloop.open()) {
                        loop.callSoon(() -> System.out.println(loop.provider().name()));
                        loop.runUntilIdle();
                    }
                }
            }
            """;

    @TempDir Path folder;

    @Test
    @EnabledForJreRange(min = JRE.JAVA_22)
    void imageAndPackageRun() throws Exception {
        assumeTrue(Files.isExecutable(tool("jpackage")), "jpackage is not part of this JDK");
        assumeTrue(
                Files.isDirectory(JAVA_HOME.resolve("jmods"))
                        || run(tool("jlink").toString(), "--help").contains("image enabled"),
                "jlink needs a JDK with jmods, or a linkable runtime");
        String modules = modules();
        compile(modules);
        run(
                tool("jlink").toString(),
                "--module-path",
                modules + File.pathSeparator + folder.resolve("app"),
                "--add-modules",
                "app,io.uloop.poller.epoll",
                "--output",
                folder.resolve("image").toString(),
                "--launcher",
                "serve=app/app.Main");
        assertThat(run(folder.resolve("image/bin/serve").toString())).contains("epoll");
        run(
                tool("jpackage").toString(),
                "--type",
                "app-image",
                "--name",
                "serve",
                "--runtime-image",
                folder.resolve("image").toString(),
                "--module",
                "app/app.Main",
                "--java-options",
                "--enable-native-access=io.uloop.poller.posix",
                "--dest",
                folder.resolve("build").toString());
        assertThat(run(folder.resolve("build/serve/bin/serve").toString())).isEqualTo("epoll\n");
    }

    private void compile(String modules) throws Exception {
        Path source = Files.createDirectories(folder.resolve("source"));
        Files.writeString(source.resolve("module-info.java"), "module app { requires io.uloop; }");
        Files.writeString(source.resolve("Main.java"), MAIN);
        run(
                tool("javac").toString(),
                "--module-path",
                modules,
                "-d",
                folder.resolve("app").toString(),
                source.resolve("module-info.java").toString(),
                source.resolve("Main.java").toString());
    }

    private static Path tool(String name) {
        return JAVA_HOME.resolve("bin").resolve(name);
    }

    /** Returns the modules of the loop. Those of JNR cannot be linked. */
    private static String modules() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(
                        each ->
                                each.matches(
                                        ".*(poller-(?!tck)|uloop-core|jctools|jspecify|[/\\\\]asm).*"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Runs a command to its end. Returns its output without errors; fails if it fails. */
    private String run(String... command) throws IOException, InterruptedException {
        Path errors = Files.createTempFile(folder, "errors", "");
        Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor(ChildJava.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue())
                    .as(String.join(" ", command) + ": " + output + Files.readString(errors))
                    .isZero();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
