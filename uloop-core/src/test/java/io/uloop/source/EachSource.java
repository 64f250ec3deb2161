package io.uloop.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.EachBackend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What the suites of sources have in common. */
class EachSource extends EachBackend {
    private static final boolean LINUX = System.getProperty("os.name").equals("Linux");

    /** What an input has given, its end and its failures included. */
    static class Received implements InputHandler {
        final StringBuilder text = new StringBuilder();
        final List<IOException> failures = new ArrayList<>();
        int ends;

        @Override
        public void received(ByteBuffer bytes) throws IOException {
            text.append(StandardCharsets.ISO_8859_1.decode(bytes));
        }

        @Override
        public void ended() {
            ends++;
        }

        @Override
        public void failed(IOException failure) {
            failures.add(failure);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }

    final Received received = new Received();

    boolean isNative() {
        return !provider.name().equals("select");
    }

    void assumeNative() {
        assumeTrue(isNative(), "no descriptors of the system");
    }

    void assumeLinux() {
        assumeTrue(LINUX && isNative(), "only Linux has such descriptors");
    }

    void assumeInstalled(String program) {
        boolean found =
                Arrays.stream(System.getenv("PATH").split(":", -1))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        assumeTrue(found, program + " is not installed");
    }

    /** Where it does not work it says which backend that is, and what to do. */
    void assertUnsupported(ThrowingCallable open, String instead) {
        assumeTrue(!isNative());
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(open)
                .withMessageContaining("the backend " + provider.name() + " has no ")
                .withMessageContaining(instead);
        assertThat(loop.toString()).contains("descriptors=0");
    }

    /** Starts a program that must end well by itself until the test does. */
    Process start(String... command) throws IOException {
        return start(new ProcessBuilder(command));
    }

    Process start(ProcessBuilder program) throws IOException {
        Process process = program.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        closing(
                () -> {
                    process.destroyForcibly().waitFor();
                    process.getOutputStream().close();
                    process.getInputStream().close();
                });
        return process;
    }

    /** Runs the loop until a process has ended, and gives its status. */
    int status(Process process) throws IOException, InterruptedException {
        runUntil(() -> !process.isAlive());
        assertThat(process.waitFor(1, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    /** Runs a program to its end while the loop stands still. */
    void run(String... command) throws IOException, InterruptedException {
        Process process = start(command);
        assertThat(process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
