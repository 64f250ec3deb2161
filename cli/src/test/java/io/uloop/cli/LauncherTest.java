package io.uloop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The launcher in a temporary repository where Java and Maven are scripts. Java prints its
 * arguments one per line. Maven counts its calls and creates an empty jar.
 */
class LauncherTest {
    private static final String BUILDING = "uloop: building (first time only) ...\n";
    private static final String PREPARING =
            "uloop: preparing a faster start (first time with this Java) ...\n";

    @TempDir private Path temporary;

    private Path repository;
    private Path source;

    @BeforeEach
    void makeRepository() throws IOException {
        repository = Files.createDirectory(temporary.resolve("a repository")).toRealPath();
        source = write("uloop-core/src/main/java/Uloop.java", "");
        write("pom.xml", "");
        write("poller-api/src/main/java/Poller.java", "");
        write("poller-api/pom.xml", "");
        write("cli/src/main/java/Main.java", "");
        write("benchmarks/src/main/java/Bench.java", "");
        Files.copy(Path.of("..", "uloop"), repository.resolve("uloop"));
        executable(repository.resolve("uloop"));
        java("17.0.15");
        script(
                "mvnw",
                "echo call >>calls",
                "if read -r line; then echo \"read $line\"; exit 1; fi",
                "[ ! -e broken ] || { echo 'this is broken'; exit 1; }",
                "sleep 0.3",
                "case \"$*\" in",
                "*'-pl cli '*) : >cli/target/uloop.jar ;;",
                "*'-pl benchmarks '*) : >benchmarks/target/benchmarks.jar ;;",
                "esac");
    }

    @Test
    void buildsOnlyTheFirstTime() throws Exception {
        assertThat(launch("backends").output()).isEqualTo(BUILDING + java() + "backends\n");
        assertThat(launch("backends").output()).isEqualTo(java() + "backends\n");
        assertThat(calls()).isEqualTo(1);
    }

    @Test
    void rebuildsAfterASourceChanged() throws Exception {
        launch();
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(10)));
        assertThat(launch().output())
                .isEqualTo("uloop: building (sources have changed) ...\n" + java());
        assertThat(calls()).isEqualTo(2);
    }

    @Test
    void rebuildsAfterASourceWasDeleted() throws Exception {
        launch();
        Files.delete(source);
        Files.setLastModifiedTime(source.getParent(), FileTime.from(Instant.now().plusSeconds(10)));
        launch();
        assertThat(calls()).isEqualTo(2);
    }

    @Test
    void showsMavenOutputOnlyOnFailure() throws Exception {
        write("broken", "");
        Processes.Result result = launch("backends");
        assertThat(result)
                .isEqualTo(
                        new Processes.Result(
                                1,
                                BUILDING
                                        + "this is broken\n"
                                        + "uloop: the build failed; see the output above\n"));
        Files.delete(repository.resolve("broken"));
        assertThat(launch("backends").output()).isEqualTo(BUILDING + java() + "backends\n");
    }

    @Test
    void concurrentLaunchesBuildOnce() throws Exception {
        List<Process> launched = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            launched.add(builder(repository.resolve("uloop")).start());
        }
        for (Process process : launched) {
            process.getInputStream().readAllBytes();
            assertThat(process.waitFor()).isZero();
        }
        assertThat(calls()).isEqualTo(1);
    }

    @Test
    void killedBuildDoesNotBlockTheNext() throws Exception {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        Path target = Files.createDirectories(repository.resolve("cli/target"));
        Files.createSymbolicLink(target.resolve("build-lock"), Path.of(Long.toString(dead.pid())));
        assertThat(launch().status()).isZero();
        assertThat(calls()).isEqualTo(1);
    }

    @Test
    void leadingPropertiesGoToJavaAndTheRestToTheProgram() throws Exception {
        launch();
        assertThat(launch("-Da=b c", "-Duloop.poller=*", "x", "-Dy", "", "*").output())
                .isEqualTo("-Da=b c\n-Duloop.poller=*\n" + java() + "x\n-Dy\n\n*\n");
        assertThat(launch("-Da=b").output()).isEqualTo("-Da=b\n" + java());
    }

    @ParameterizedTest
    @ValueSource(strings = {"17.0.15", "21.0.1"})
    void benchStartsTheJarOfBenchmarks(String version) throws Exception {
        java(version);
        assertThat(launch("-Da=b c", "bench", "echo", "").output())
                .isEqualTo(BUILDING + "-Da=b c\n" + bench() + "echo\n\n");
        assertThat(launch("bench").output()).isEqualTo(bench());
        assertThat(calls()).isEqualTo(1);
        assertThat(repository.resolve("cli/target")).doesNotExist();
    }

    @Test
    void benchEnablesNativeAccessOnNewJava() throws Exception {
        java("25");
        assertThat(launch("-Da", "bench", "echo").output())
                .isEqualTo(
                        BUILDING
                                + "-Da\n--enable-native-access=ALL-UNNAMED\n"
                                + bench()
                                + "echo\n");
    }

    @Test
    void benchIsACommandOnlyInTheFirstPlace() throws Exception {
        assertThat(launch("x", "bench").output()).isEqualTo(BUILDING + java() + "x\nbench\n");
    }

    @Test
    void javaOptsComeFirst() throws Exception {
        launch();
        ProcessBuilder builder = builder(repository.resolve("uloop"), "-Da", "x");
        builder.environment().put("JAVA_OPTS", " -Xmx64m  -Dglob=* ");
        assertThat(Processes.run(builder).output())
                .isEqualTo("-Xmx64m\n-Dglob=*\n-Da\n" + java() + "x\n");
    }

    @Test
    void worksFromAnotherDirectoryThroughSymbolicLinks() throws Exception {
        Path folder = Files.createDirectory(temporary.resolve("bin"));
        Path first = folder.resolve("first");
        Files.createSymbolicLink(first, Path.of("../a repository/uloop"));
        Path second = temporary.resolve("second");
        Files.createSymbolicLink(second, first);
        ProcessBuilder builder = builder(second, "x").directory(folder.toFile());
        assertThat(Processes.run(builder).output()).isEqualTo(BUILDING + java() + "x\n");
    }

    @Test
    void returnsTheExitStatusOfTheProgram() throws Exception {
        launch();
        script("jdk/bin/java", "[ \"$1\" != -version ] || exec echo ' version \"17\"'", "exit 42");
        assertThat(launch().status()).isEqualTo(42);
    }

    @Test
    void closedStandardInputReadsAsEmpty() throws Exception {
        script("jdk/bin/java", "[ \"$1\" != -version ] || exec echo ' version \"17\"'", "exec cat");
        launch();
        ProcessBuilder closed = builder(repository.resolve("uloop"));
        closed.command().addAll(0, List.of("sh", "-c", "exec \"$@\" <&-", "sh"));
        assertThat(Processes.run(closed)).isEqualTo(new Processes.Result(0, ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"17", "17.0.15", "21.0.1"})
    void acceptsNewJava(String version) throws Exception {
        java(version);
        assertThat(launch()).isEqualTo(new Processes.Result(0, BUILDING + java()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"25", "26-ea"})
    void triesOnceToPrepareAFasterStart(String version) throws Exception {
        java(version);
        assertThat(launch()).isEqualTo(new Processes.Result(0, BUILDING + PREPARING + java()));
        assertThat(launch()).isEqualTo(new Processes.Result(0, java()));
    }

    @Test
    void startsWithWhatItHasPrepared() throws Exception {
        java("25.0.3");
        preparingJava();
        Path cache = repository.resolve("cli/target/uloop-25.aot");
        String fast = "-XX:AOTCache=" + cache + "\n-Xlog:aot*=off\n-Xlog:cds*=off\n" + java();
        ProcessBuilder first = builder(repository.resolve("uloop"), "x");
        first.environment().put("ULOOP_POLLER", "select");
        assertThat(Processes.run(first).output()).isEqualTo(BUILDING + PREPARING + fast + "x\n");
        assertThat(launch("x").output()).isEqualTo(fast + "x\n");
        assertThat(launch("bench").output()).doesNotContain("AOT");

        Path jar = repository.resolve("cli/target/uloop.jar");
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(10)));
        assertThat(launch("x").output()).isEqualTo(PREPARING + fast + "x\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"JAVA_OPTS", "JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"})
    void startsWithoutTheCacheBesideOptionsThatExcludeIt(String variable) throws Exception {
        java("25.0.3");
        preparingJava();
        launch();
        ProcessBuilder other = builder(repository.resolve("uloop"), "x");
        other.environment().put(variable, "-Xshare:off");
        assertThat(Processes.run(other).output()).endsWith(java() + "x\n").doesNotContain("AOT");
    }

    @Test
    void startsWithoutACacheThatCannotBeMoved() throws Exception {
        java("25.0.3");
        launch();
        Path target = repository.resolve("cli/target");
        Files.delete(target.resolve("uloop-25.aot"));
        preparingJava();
        script("jdk/bin/mv", "exit 1");
        ProcessBuilder other = builder(repository.resolve("uloop"), "x");
        String path = repository.resolve("jdk/bin") + ":" + System.getenv("PATH");
        other.environment().put("PATH", path);
        assertThat(Processes.run(other))
                .isEqualTo(new Processes.Result(0, PREPARING + java() + "x\n"));
        try (Stream<Path> files = Files.list(target)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.contains(".aot"));
        }
    }

    @Test
    void readsTheVersionBesideJava() throws Exception {
        java("17.0.15");
        launch();
        write("jdk/release", "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"16.0.2\"\n");
        assertThat(launch().output()).contains("is Java 16; install");
        write("jdk/release", "JAVA_VERSION=\"21\"\n");
        assertThat(launch().output()).isEqualTo(java());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.8.0_402", "11.0.20", "16.0.2"})
    void refusesOldJavaInOneLine(String version) throws Exception {
        java(version);
        String number = version.replaceFirst("^1\\.", "").replaceFirst("\\..*", "");
        assertThat(launch())
                .isEqualTo(
                        new Processes.Result(
                                1,
                                "uloop: "
                                        + repository.resolve("jdk/bin/java")
                                        + " is Java "
                                        + number
                                        + "; install JDK 17 or newer, or set JAVA_HOME\n"));
    }

    @Test
    void reportsMissingJavaInOneLine() throws Exception {
        ProcessBuilder wrongHome = builder(repository.resolve("uloop"));
        wrongHome.environment().put("JAVA_HOME", "/nowhere");
        assertThat(Processes.run(wrongHome))
                .isEqualTo(
                        new Processes.Result(
                                1, "uloop: JAVA_HOME is /nowhere, which has no bin/java\n"));

        ProcessBuilder noJava = builder(repository.resolve("uloop"));
        noJava.environment().remove("JAVA_HOME");
        noJava.environment().put("PATH", toolsWithoutJava().toString());
        assertThat(Processes.run(noJava))
                .isEqualTo(
                        new Processes.Result(
                                1,
                                "uloop: java not found; install JDK 17 or newer, or set"
                                        + " JAVA_HOME\n"));
    }

    @Test
    void usesJavaOfThePathWithoutJavaHome() throws Exception {
        ProcessBuilder builder = builder(repository.resolve("uloop"));
        builder.environment().remove("JAVA_HOME");
        String path = repository.resolve("jdk/bin") + ":" + System.getenv("PATH");
        builder.environment().put("PATH", path);
        assertThat(Processes.run(builder).output()).isEqualTo(BUILDING + java());
    }

    private Processes.Result launch(String... arguments) throws Exception {
        return Processes.run(builder(repository.resolve("uloop"), arguments));
    }

    private ProcessBuilder builder(Path launcher, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(launcher.toString());
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(temporary.toFile());
        Map<String, String> environment = builder.environment();
        environment.put("JAVA_HOME", repository.resolve("jdk").toString());
        environment.keySet().removeIf(name -> name.endsWith("OPTIONS") || name.equals("JAVA_OPTS"));
        return builder;
    }

    /** {@return what Java prints for the arguments added by the launcher} */
    private String java() {
        return "--add-opens=java.base/java.lang=ALL-UNNAMED\n-jar\n"
                + repository.resolve("cli/target/uloop.jar")
                + "\n";
    }

    /** {@return what Java prints for the arguments added by the launcher in place of bench} */
    private String bench() {
        return "-cp\n"
                + repository.resolve("benchmarks/target/benchmarks.jar")
                + "\nio.uloop.benchmarks.Bench\n";
    }

    private void java(String version) throws IOException {
        script(
                "jdk/bin/java",
                "if [ \"$1\" = -version ]; then",
                "    echo 'openjdk version \"" + version + "\" 2025-04-15' >&2",
                "    echo 'OpenJDK Runtime Environment' >&2",
                "    exit",
                "fi",
                "printf '%s\\n' \"$@\"");
    }

    /** Lets Java create the file that it is asked to prepare, on the usual backend only. */
    private void preparingJava() throws IOException {
        script(
                "jdk/bin/java",
                "[ \"$1\" != -version ] || exec echo ' version \"25.0.3\"'",
                "case $2 in",
                "-XX:AOTCacheOutput=*) [ -n \"${ULOOP_POLLER:-}\" ] || echo x >\"${2#*=}\" ;;",
                "*) printf '%s\\n' \"$@\" ;;",
                "esac");
    }

    private int calls() throws IOException {
        return Files.readAllLines(repository.resolve("calls")).size();
    }

    /** Creates a directory for the PATH with the tools called before Java is looked up. */
    private Path toolsWithoutJava() throws IOException {
        for (String tool : List.of("dirname", "readlink")) {
            Path original =
                    Arrays.stream(System.getenv("PATH").split(":"))
                            .map(folder -> Path.of(folder, tool))
                            .filter(Files::isExecutable)
                            .findFirst()
                            .orElseThrow();
            script("tools/" + tool, "exec " + original + " \"$@\"");
        }
        return repository.resolve("tools");
    }

    private void script(String name, String... lines) throws IOException {
        executable(write(name, "#!/bin/sh\n" + String.join("\n", lines) + "\n"));
    }

    private Path write(String name, String content) throws IOException {
        Path file = repository.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    private static void executable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
