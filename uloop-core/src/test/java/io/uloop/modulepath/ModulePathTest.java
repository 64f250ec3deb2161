package io.uloop.modulepath;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.tck.ChildJava;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Runs a program on the module path. All other tests run on the class path. */
class ModulePathTest {
    private static final boolean USES_JNR =
            Pollers.providers().stream().anyMatch(each -> "JNR".equals(each.binding()));

    private static final Pattern MODULES =
            Pattern.compile(
                    ".*(poller-(?!tck)|uloop-core|jctools"
                            + (USES_JNR ? "|jnr|jffi|[/\\\\]asm" : "")
                            + ").*");

    @Test
    void usableBackendsAreFoundAsModules() throws IOException, InterruptedException {
        String modulePath =
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(MODULES.asMatchPredicate())
                        .filter(entry -> !entry.endsWith("test-classes"))
                        .collect(Collectors.joining(File.pathSeparator));
        Path testClasses = Path.of("target", "test-classes");
        String output =
                ChildJava.of(Program.class)
                        .options(
                                "--module-path",
                                modulePath,
                                "--add-modules",
                                USES_JNR
                                        ? "io.uloop,org.jnrproject.ffi,org.objectweb.asm"
                                        : "io.uloop")
                        .classPath(List.of(testClasses.toString()))
                        .run();
        assertThat(output.lines().filter(line -> line.startsWith("io.uloop")).toList())
                .isEqualTo(usable());
    }

    private static List<String> usable() {
        return Pollers.providers().stream()
                .filter(provider -> provider.unavailability() == null)
                .map(PollerProvider::name)
                .map(name -> "io.uloop on " + name + " of io.uloop.poller." + name)
                .toList();
    }
}
