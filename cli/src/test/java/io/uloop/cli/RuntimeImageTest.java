package io.uloop.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

/** The modules of the loop in an image made by jlink, which refuses those of JNR. */
class RuntimeImageTest {
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    private static final Predicate<String> IS_MODULE =
            Pattern.compile(".*(poller-(?!tck)|uloop-core|jctools).*").asMatchPredicate();

    @Test
    @EnabledForJreRange(min = JRE.JAVA_22)
    void timeServerRunsInAnImage(@TempDir Path folder) throws Exception {
        assumeTrue(hasLinkableModules(), "jlink needs a JDK with jmods, or a linkable runtime");
        Path image = folder.resolve("image");
        Processes.Result linked =
                Processes.run(
                        jlink(
                                "--module-path",
                                classPath(IS_MODULE),
                                "--add-modules",
                                "java.logging,io.uloop,io.uloop.poller.epoll,io.uloop.poller.kqueue,"
                                        + "io.uloop.poller.poll,io.uloop.poller.select",
                                "--output",
                                image.toString()));
        assertThat(linked.status()).as(linked.output()).isZero();
        ProcessBuilder program =
                new ProcessBuilder(
                        image.resolve("bin/java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=io.uloop.poller.posix",
                        "-cp",
                        classPath(IS_MODULE.negate()),
                        Main.class.getName(),
                        "time-server");
        try (ServerProcess server = new ServerProcess(program);
                Socket client = ServerThread.connect(server.address())) {
            assertThat(server.greeting()).doesNotContain("select");
            client.getOutputStream().write('x');
            assertThat(new String(client.getInputStream().readNBytes(26), US_ASCII))
                    .startsWith("2");
            assertThat(server.errors()).isEmpty();
        }
    }

    private static boolean hasLinkableModules() throws Exception {
        return Files.isExecutable(JAVA_HOME.resolve("bin/jlink"))
                && (Files.isDirectory(JAVA_HOME.resolve("jmods"))
                        || Processes.run(jlink("--help")).output().contains("image enabled"));
    }

    private static ProcessBuilder jlink(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(JAVA_HOME.resolve("bin/jlink").toString());
        command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"));
        command.addAll(Arrays.asList(arguments));
        return new ProcessBuilder(command);
    }

    private static String classPath(Predicate<String> chosen) {
        String[] entries = System.getProperty("java.class.path").split(File.pathSeparator, -1);
        return Arrays.stream(entries)
                .filter(chosen)
                .collect(Collectors.joining(File.pathSeparator));
    }
}
