package io.uloop.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.ChildJava;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Names are bytes, independent of the JVM's encoding. */
@Timeout(120)
class ForeignNamesTest {
    @TempDir private Path directory;

    private void run(PollerProvider provider, String locale) throws Exception {
        String script =
                "mkdir \"$(printf 'B\\303\\274cher')\""
                        + " && mkfifo \"$(printf 'B\\303\\274cher/fifo\\377')\""
                        + " && mkdir 'B??cher' || exit 1";
        Process made =
                new ProcessBuilder("sh", "-c", script)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        assertThat(made.waitFor())
                .as(new String(made.getInputStream().readAllBytes(), UTF_8))
                .isZero();
        String uri = directory.toUri().toString();
        ChildJava program = ChildJava.of(ForeignNamesProgram.class, provider.name(), uri);
        assertThat(program.launcher("env", "LC_ALL=" + locale).run()).endsWith("done\n");
    }

    @ParameterizedTest
    @MethodSource("io.uloop.poller.tck.Backends#named")
    @DisabledOnOs(OS.MAC) // its file systems require UTF-8 names
    void namesOutsideAsciiWork(PollerProvider provider) throws Exception {
        run(provider, "C");
    }

    @ParameterizedTest
    @MethodSource("io.uloop.poller.tck.Backends#named")
    @EnabledOnOs(OS.LINUX)
    void namesThatAreNotUtf8Work(PollerProvider provider) throws Exception {
        run(provider, "C.UTF-8");
    }
}
