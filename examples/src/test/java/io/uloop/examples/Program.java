package io.uloop.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.ChildSignals;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A program that runs in its own JVM, servers on a free port of the loopback address. */
final class Program implements AutoCloseable {
    static final int TIMEOUT_MILLIS = (int) ChildJava.DEADLINE.toMillis();

    private final Process process;
    private final BufferedReader output;
    private final Path errors;

    private Program(ProcessBuilder builder) throws IOException {
        errors = Files.createTempFile("uloop-test", ".err");
        process = builder.redirectError(errors.toFile()).start();
        output = process.inputReader(UTF_8);
    }

    static Program start(Class<?> example, String... arguments) throws IOException {
        return start(List.of(), example, arguments);
    }

    /** Starts an example with options for Java. */
    static Program start(List<String> options, Class<?> example, String... arguments)
            throws IOException {
        return new Program(java(ChildJava.of(example, arguments), options));
    }

    /** Starts an example by a command that runs its last arguments. */
    static Program startBy(List<String> launcher, Class<?> example, String... options)
            throws IOException {
        ChildJava program = ChildJava.of(example).launcher(launcher.toArray(String[]::new));
        return new Program(java(program, List.of(options)));
    }

    /** Compiles and starts the program in a source file, in the folder of the file. */
    static Program startSource(List<String> options, Path file) throws IOException {
        ProcessBuilder program = java(ChildJava.ofSource(file.getFileName()), options);
        Path folder = Objects.requireNonNull(file.getParent(), "folder");
        return new Program(program.directory(folder.toFile()));
    }

    /** {@return whether a program is on the PATH} */
    static boolean isInstalled(String program) {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static ProcessBuilder java(ChildJava program, List<String> options) {
        return program.options("-Dport=0").options(options.toArray(String[]::new)).builder();
    }

    /** Reads the next line of the output; fails at its end. */
    String line() throws IOException {
        String line = output.readLine();
        assertThat(line).as("a line of output; the errors are: " + errors()).isNotNull();
        return line;
    }

    /** Reads the address that a server prints. */
    InetSocketAddress address() throws IOException {
        String line = line();
        assertThat(line).matches(".*listening on /127\\.0\\.0\\.1:\\d+");
        int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    static Socket connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(address, TIMEOUT_MILLIS);
        return socket;
    }

    /** Sends a text on a connection. */
    static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(UTF_8));
    }

    /** Reads a line from a connection. */
    static String receiveLine(Socket socket) throws IOException {
        StringBuilder line = new StringBuilder();
        int next = socket.getInputStream().read();
        while (next >= 0 && next != '\n') {
            line.append((char) next);
            next = socket.getInputStream().read();
        }
        return line.toString();
    }

    /** Expects the end of the stream or a reset. */
    static void assertEnds(Socket socket) {
        try {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    OutputStream input() {
        return process.getOutputStream();
    }

    /** Sends a signal, which the program handles. */
    void signal(String name) throws IOException, InterruptedException {
        ChildSignals.send(process.pid(), name);
    }

    /** Reads the rest of the output and waits for the end. Fails unless it is a regular one. */
    String rest() throws IOException, InterruptedException {
        StringBuilder rest = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            rest.append(line).append('\n');
        }
        assertThat(process.waitFor(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        assertNoFailures();
        assertThat(process.exitValue()).isZero();
        return rest.toString();
    }

    /** Expects that the program has logged no failure so far. */
    void assertNoFailures() throws IOException {
        assertThat(errors()).doesNotContain("WARNING", "SEVERE", "Exception");
    }

    private String errors() throws IOException {
        return Files.readString(errors);
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
        output.close();
        Files.delete(errors);
    }
}
