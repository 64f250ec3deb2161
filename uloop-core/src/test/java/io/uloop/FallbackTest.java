package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.tck.ChildJava;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests loops in JVMs whose options or packaging prevent native backends. */
@EnabledOnOs(OS.LINUX)
class FallbackTest {
    private static final String JNR = "-Duloop.native=jnr";
    private static final String FOREIGN = "-Duloop.native=foreign";
    private static final String NATIVE = "-Duloop.poller=native";
    private static final String CANNOT_UNPACK = "-Djffi.extract.dir=/proc/nowhere";

    /** Matches system calls that change files, in the words of strace. */
    private static final Pattern WRITES =
            Pattern.compile("O_WRONLY|O_RDWR|O_CREAT|mkdir|rename|unlink|symlink|mknod");

    @ParameterizedTest
    @ValueSource(strings = {"jnr", "foreign"})
    @EnabledForJreRange(min = JRE.JAVA_24)
    void warnsOfDeniedNativeAccessWithTheOptionThatAllowsIt(String binding) throws Exception {
        List<String> options = List.of("--illegal-native-access=deny", "-Duloop.native=" + binding);
        assertThat(warning(run(options, entry -> true)))
                .contains("llegal native access", "--enable-native-access=ALL-UNNAMED");
    }

    @Test
    void warnsOfUnusableUnpackFolderWithTheOptionForAnother() throws Exception {
        assertThat(warning(run(List.of(JNR, CANNOT_UNPACK), entry -> true)))
                .contains("/proc/nowhere", "-Djffi.extract.dir=/folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"noexec", "ro"})
    void warnsOfTemporaryFolderThatCannotHoldALibrary(String mount, @TempDir Path folder)
            throws Exception {
        String script = "mount -t tmpfs -o " + mount + " tmpfs " + folder + " && cd " + folder;
        assumeTrue(
                new ProcessBuilder("unshare", "-m", "sh", "-c", script).start().waitFor() == 0,
                "only root may mount");
        List<String> launcher =
                List.of("unshare", "-m", "sh", "-c", script + " && exec \"$@\"", "sh");
        assertThat(
                        warning(
                                run(
                                        launcher,
                                        List.of(JNR, "-Djava.io.tmpdir=" + folder),
                                        entry -> true)))
                .contains(folder.toString(), "-Djffi.extract.dir=/folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jnr-ffi", "jffi", "asm"})
    void warnsOfMissingJarsByName(String missing) throws Exception {
        assertThat(warning(run(List.of(JNR), entry -> !fileName(entry).startsWith(missing + "-"))))
                .contains("com.github.jnr:jnr-ffi", "ClassNotFoundException");
    }

    @Test
    void warnsOfMissingNativeLibraryByName() throws Exception {
        assertThat(warning(run(List.of(JNR), entry -> !fileName(entry).endsWith("-native.jar"))))
                .contains("com.github.jnr:jffi with the classifier native");
    }

    @Test
    void nativeFailsIfNoNativeBackendIsUsable() throws Exception {
        String output = run(List.of(JNR, CANNOT_UNPACK, NATIVE), entry -> true);
        assertThat(output).contains("refused: -Duloop.poller=native", "-Djffi.extract.dir=/folder");
    }

    @Test
    void requestedSelectIsUsedWithoutWarning() throws Exception {
        String output = run(List.of(JNR, CANNOT_UNPACK, "-Duloop.poller=select"), entry -> true);
        assertThat(output).contains("chosen select").doesNotContain("WARNING: poller");
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_22)
    void nativeBackendsNeedNoJarOfJnr() throws Exception {
        Predicate<String> isJnr = entry -> fileName(entry).matches("(jnr-|jffi-).*");
        assertThat(run(List.of(NATIVE), isJnr.negate()))
                .contains("chosen epoll")
                .doesNotContain("WARNING: poller");
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_22)
    void foreignNeedsNoTemporaryFolder() throws Exception {
        List<String> options =
                List.of(FOREIGN, CANNOT_UNPACK, "-Djava.io.tmpdir=/proc/nowhere", NATIVE);
        assertThat(run(options, entry -> true))
                .contains("chosen epoll")
                .doesNotContain("WARNING: poller");
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_22)
    void foreignRunsOnReadOnlyRootWithNoexecTemporaryFolder(@TempDir Path folder) throws Exception {
        String script =
                "mount -t tmpfs -o noexec tmpfs "
                        + folder
                        + " && mount -o remount,bind,ro / && ! mkdir /uloop-test 2>/dev/null";
        assumeTrue(
                new ProcessBuilder("unshare", "-m", "sh", "-c", script).start().waitFor() == 0,
                "only root may mount");
        List<String> launcher =
                List.of("unshare", "-m", "sh", "-c", script + " && exec \"$@\"", "sh");
        List<String> options = List.of(FOREIGN, "-Djava.io.tmpdir=" + folder, NATIVE);
        assertThat(run(launcher, options, entry -> true))
                .contains("chosen epoll")
                .doesNotContain("WARNING: poller");
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_22)
    void foreignWritesNoFile(@TempDir Path folder) throws Exception {
        Path trace = folder.resolve("trace");
        List<String> strace =
                List.of("strace", "-f", "-qq", "-e", "trace=%file", "-o", trace.toString());
        assumeTrue(isUsable(strace), "needs strace");
        // Without its own file in the temporary folder, which tools such as jps read.
        String output = run(strace, List.of(FOREIGN, NATIVE, "-XX:-UsePerfData"), entry -> true);
        assertThat(output).contains("chosen epoll");
        assertThat(Files.readAllLines(trace))
                .anyMatch(line -> line.contains("O_RDONLY"))
                .filteredOn(line -> WRITES.matcher(line).find())
                .filteredOn(line -> !line.contains("\"/dev/") && !line.contains("\"/proc/self/"))
                .isEmpty();
    }

    private static boolean isUsable(List<String> command) throws InterruptedException {
        List<String> words = new ArrayList<>(command);
        words.add("true");
        try {
            return new ProcessBuilder(words).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void usableBackendIsUsedWithoutWarning() throws Exception {
        String output = run(List.of(NATIVE), entry -> true);
        assertThat(output).contains("chosen epoll").doesNotContain("WARNING: poller");
    }

    private static String fileName(String entry) {
        return Path.of(entry).getFileName().toString();
    }

    /** {@return the only warning about the loop's backend} */
    private static String warning(String output) {
        assertThat(output).contains("chosen select");
        List<String> warnings =
                output.lines().filter(line -> line.startsWith("WARNING: poller select")).toList();
        assertThat(warnings).as(output).hasSize(1);
        return warnings.get(0);
    }

    private static String run(List<String> options, Predicate<String> left) throws Exception {
        return run(List.of(), options, left);
    }

    private static String run(List<String> launcher, List<String> options, Predicate<String> left)
            throws Exception {
        return run(launcher, options, classPath().filter(left).toList());
    }

    private static Stream<String> classPath() {
        String entries = System.getProperty("java.class.path");
        return Arrays.stream(entries.split(File.pathSeparator, -1));
    }

    private static String run(List<String> launcher, List<String> options, List<String> classPath)
            throws Exception {
        return ChildJava.of(ChosenProgram.class)
                .withoutNativeAccess()
                .launcher(launcher.toArray(String[]::new))
                .options("-Duser.language=en")
                .options(options.toArray(String[]::new))
                .classPath(classPath)
                .run();
    }
}
