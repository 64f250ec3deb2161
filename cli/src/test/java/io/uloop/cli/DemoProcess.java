package io.uloop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.ChildSignals;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Runs the program in a separate JVM and captures its output in files. */
final class DemoProcess implements AutoCloseable {
    private final Process process;
    private final Path output = Files.createTempFile("uloop-test", ".out");
    private final Path errors = Files.createTempFile("uloop-test", ".err");

    DemoProcess(ProcessBuilder program) throws IOException {
        process = program.redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
    }

    OutputStream input() {
        return process.getOutputStream();
    }

    /** Waits until everything printed since the start equals the text. */
    void awaitOutput(String text) {
        await().atMost(ChildJava.DEADLINE)
                .untilAsserted(() -> assertThat(Files.readString(output)).isEqualTo(text));
    }

    /** Waits until standard error contains the text. */
    void awaitError(String text) {
        await().atMost(ChildJava.DEADLINE)
                .untilAsserted(() -> assertThat(Files.readString(errors)).contains(text));
    }

    /** {@return what the program has written to standard error} */
    String errors() throws IOException {
        return Files.readString(errors);
    }

    String output() throws IOException {
        return Files.readString(output);
    }

    /** Sends a signal, waits for the program to end and returns its exit status. */
    int endBy(String signal) throws IOException, InterruptedException {
        ChildSignals.send(process.pid(), signal);
        return status();
    }

    /** Waits for the program to end and returns its exit status. */
    int status() throws InterruptedException {
        assertThat(process.waitFor(ChildJava.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Override
    public void close() throws IOException {
        process.descendants().forEach(ProcessHandle::destroyForcibly); // a test may end early
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        process.getOutputStream().close();
        Files.delete(output);
        Files.delete(errors);
    }
}
