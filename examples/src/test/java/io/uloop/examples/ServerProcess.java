package io.uloop.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program in a JVM of its own, serving on any port of loopback. */
final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final Path errors;
    private final BufferedReader output;
    private final String greeting;

    ServerProcess(String... arguments) throws IOException {
        this(List.of(), arguments);
    }

    /** With options for Java. */
    ServerProcess(List<String> options, String... arguments) throws IOException {
        errors = Files.createTempFile("uloop-test", ".err");
        ProcessBuilder program = Processes.uloop(arguments);
        program.command().addAll(1, options);
        program.command().addAll(List.of("--port", "0"));
        process = program.redirectError(errors.toFile()).start();
        output = process.inputReader(UTF_8);
        greeting = String.valueOf(output.readLine());
        if (!greeting.contains(" listening on ")) {
            String said = greeting + "\n" + errors();
            close();
            throw new AssertionError("ended with " + process.exitValue() + " and said " + said);
        }
    }

    /** The line that says where it listens. */
    String greeting() {
        return greeting;
    }

    InetSocketAddress address() {
        String port = greeting.replaceFirst(".* listening on 127\\.0\\.0\\.1:(\\d+), .*", "$1");
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
    }

    long pid() {
        return process.pid();
    }

    /** What it has written to the standard error output. */
    String errors() throws IOException {
        return Files.readString(errors);
    }

    /** Sends it a signal and waits until it ends. */
    int endBy(String signal) throws IOException, InterruptedException {
        ProcessBuilder kill = new ProcessBuilder("kill", "-" + signal, Long.toString(pid()));
        assertThat(Processes.run(kill).status()).isZero();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended by " + signal).isTrue();
        assertThat(output.readLine()).as("said more than where it listens").isNull();
        return process.exitValue();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly(); // nothing if it has ended
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        output.close();
        Files.delete(errors);
    }
}
