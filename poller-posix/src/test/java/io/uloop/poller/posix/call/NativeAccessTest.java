package io.uloop.poller.posix.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.ChildJava;
import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Reports why the C library cannot be called, without throwing, and includes the cause. */
final class NativeAccessTest {
    /** Prints the reason twice. The second time, classes have already failed to initialize. */
    static final class Reasons {
        public static void main(String[] arguments) {
            System.out.println(NativeAccess.unavailability());
            System.out.println(NativeAccess.unavailability());
        }
    }

    private static List<String> reasons(List<String> options, Predicate<String> left)
            throws Exception {
        String[] classPath = System.getProperty("java.class.path").split(File.pathSeparator, -1);
        String output =
                ChildJava.of(Reasons.class)
                        .withoutNativeAccess()
                        .options(options.toArray(String[]::new))
                        .classPath(Arrays.stream(classPath).filter(left).toList())
                        .run();
        List<String> lines =
                output.lines()
                        .filter(line -> !line.isBlank() && !line.startsWith("WARNING"))
                        .toList();
        assertThat(lines).hasSize(2).allMatch(lines.get(0)::equals);
        return lines;
    }

    @Test
    void libraryIsAvailableHere() {
        assertThat(NativeAccess.unavailability()).isNull();
    }

    @Test
    void process32BitIsRejected() {
        assertThat(NativeAccess.unavailability("32")).contains("32", "64-bit");
        assertThat(NativeAccess.unavailability(null)).isNull(); // a JVM without this property
    }

    @Test
    void missingJnrIsReported() throws Exception {
        assertThat(reasons(List.of("-Duloop.native=jnr"), entry -> !entry.contains("jnr-")).get(0))
                .contains("JNR", "ClassNotFoundException", "com.github.jnr:jnr-ffi");
    }

    @Test
    void failedExtractionNamesTheDirectory() throws Exception {
        String folder = "/proc/nowhere";
        assertThat(
                        reasons(
                                        List.of(
                                                "-Duloop.native=jnr",
                                                "-Djffi.extract.dir=" + folder),
                                        entry -> true)
                                .get(0))
                .contains("JNR", folder, "-Djffi.extract.dir=/folder");
    }
}
