package io.uloop.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.EachBackend;
import io.uloop.poller.tck.ChildJava;
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

/** Base of the tests of sources. */
public class EachSource extends EachBackend {
    private static final boolean LINUX = System.getProperty("os.name").equals("Linux");

    /** Collects the bytes, the end and the failures of an input. */
    protected static class Received implements InputHandler {
        /** Creates one that has received nothing. */
        public Received() {}

        public final StringBuilder text = new StringBuilder();
        public final List<IOException> failures = new ArrayList<>();
        public int ends;

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

    protected final Received received = new Received();

    protected boolean isNative() {
        return !provider.name().equals("select");
    }

    protected void assumeNative() {
        assumeTrue(isNative(), "needs file descriptors");
    }

    protected void assumeLinux() {
        assumeTrue(LINUX && isNative(), "needs a native backend on Linux");
    }

    protected void assumeInstalled(String program) {
        boolean found =
                Arrays.stream(System.getenv("PATH").split(":", -1))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        assumeTrue(found, program + " is not installed");
    }

    /** Checks that the exception names the backend and an alternative. */
    protected void assertUnsupported(ThrowingCallable open, String instead) {
        assumeTrue(!isNative());
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(open)
                .withMessageContaining("the backend " + provider.name() + " has no ")
                .withMessageContaining(instead);
        assertThat(loop.toString()).contains("descriptors=0");
    }

    /** Starts a program that must exit with status 0 before the test ends. */
    protected Process start(String... command) throws IOException {
        return start(new ProcessBuilder(command));
    }

    protected Process start(ProcessBuilder program) throws IOException {
        Process process = program.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        closing(
                () -> {
                    process.destroyForcibly().waitFor();
                    process.getOutputStream().close();
                    process.getInputStream().close();
                });
        return process;
    }

    /** Runs turns until a condition holds that depends on a JVM, whose start may take long. */
    protected void runUntilProgram(Goal goal) throws IOException {
        long start = System.nanoTime();
        while (!goal.isReached()) {
            assertThat(System.nanoTime() - start).isLessThan(ChildJava.DEADLINE.toNanos());
            loop.runOnce(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Runs the loop until a process has exited and returns its status. */
    protected int status(Process process) throws IOException, InterruptedException {
        runUntil(() -> !process.isAlive());
        assertThat(process.waitFor(1, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    /** Runs a program to its end while the loop does not run. */
    protected void run(String... command) throws IOException, InterruptedException {
        Process process = start(command);
        assertThat(process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
