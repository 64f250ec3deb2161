package io.uloop.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.ChildSignals;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a server in a separate JVM on a free port of the loopback address. */
final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final Path errors;
    private final BufferedReader output;
    private final String greeting;

    ServerProcess(String... arguments) throws IOException {
        this(List.of(), arguments);
    }

    /** Starts a server with options for Java, which override the usual ones. */
    ServerProcess(List<String> options, String... arguments) throws IOException {
        this(withOptions(options, arguments));
    }

    /** Starts a server by a command, to which this adds the port. */
    ServerProcess(ProcessBuilder program) throws IOException {
        errors = Files.createTempFile("uloop-test", ".err");
        program.command().addAll(List.of("--port", "0"));
        process = program.redirectError(errors.toFile()).start();
        output = process.inputReader(UTF_8);
        greeting = String.valueOf(output.readLine());
        if (!greeting.contains(" listening on ")) {
            String said = greeting + "\n" + errors();
            close();
            throw new AssertionError("the server exited with " + process.exitValue() + ": " + said);
        }
    }

    private static ProcessBuilder withOptions(List<String> options, String... arguments) {
        ProcessBuilder program = Processes.uloop(arguments);
        program.command().addAll(program.command().indexOf("-cp"), options);
        return program;
    }

    /** {@return the line printed at the start, with the address} */
    String greeting() {
        return greeting;
    }

    /** {@return the next line that the server prints} */
    String nextLine() throws IOException {
        return String.valueOf(output.readLine());
    }

    InetSocketAddress address() {
        String port = greeting.replaceFirst(".* listening on 127\\.0\\.0\\.1:(\\d+), .*", "$1");
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
    }

    long pid() {
        return process.pid();
    }

    /** {@return what the server has written to standard error} */
    String errors() throws IOException {
        return Files.readString(errors);
    }

    /** Sends a signal, waits for the server to end and returns its exit status. */
    int endBy(String signal) throws IOException, InterruptedException {
        ChildSignals.send(pid(), signal);
        assertThat(process.waitFor(ChildJava.DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .as("ended by " + signal)
                .isTrue();
        assertThat(output.readLine()).as("output after the first line").isNull();
        return process.exitValue();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly(); // no effect if it has ended
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        output.close();
        Files.delete(errors);
    }
}
