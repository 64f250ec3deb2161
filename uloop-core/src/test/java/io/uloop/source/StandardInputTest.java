package io.uloop.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.ChildJava;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests each kind of standard input in a separate process. */
class StandardInputTest extends EachSource {
    private static final Path NULL = Path.of("/dev/null");
    private static final int O_NONBLOCK = 04000;

    /** Runs a program with a connected socket as its standard input, writes to it and closes it. */
    private static final String SOCKET =
            """
            import socket, subprocess, sys
            ours, theirs = socket.socketpair()
            child = subprocess.Popen(sys.argv[1:], stdin=theirs)
            theirs.close()
            ours.sendall(b'hello')
            ours.close()
            sys.exit(child.wait())
            """;

    private final StringBuilder output = new StringBuilder();

    @TempDir private Path directory;

    private ProcessBuilder program(boolean alwaysReadyFiles) {
        String ready = Boolean.toString(alwaysReadyFiles);
        return ChildJava.of(InputProgram.class, provider.name(), ready).builder();
    }

    private Process start(File input, boolean alwaysReadyFiles) throws IOException {
        return start(program(alwaysReadyFiles).redirectInput(input));
    }

    /** Reads the program's output until it contains this text. */
    private void expect(Process program, String text) {
        InputStream stream = program.getInputStream();
        try {
            while (output.indexOf(text) < 0) {
                int next = stream.read();
                assertThat(next).as("next byte after " + output).isNotEqualTo(-1);
                output.append((char) next);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void expectEnd(Process program, String all) throws Exception {
        output.append(
                new String(program.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        assertThat(output).hasToString(all);
        assertThat(status(program)).isZero();
    }

    @Test
    void pipeIsReadAsItIsWrittenAndToItsEnd() throws Exception {
        Process program = start(program(false));
        try (OutputStream pipe = program.getOutputStream()) {
            expect(program, "<StandardInput>");
            pipe.write('a');
            pipe.flush();
            expect(program, "a");
            assertThat(flagsOfStandardInput(program) & O_NONBLOCK).isZero();
            pipe.write('b');
        }
        expectEnd(program, "<StandardInput>ab<end>");
    }

    /** {@return the flags that are shared by everyone with the same open file} */
    private static int flagsOfStandardInput(Process program) throws IOException {
        Path info = Path.of("/proc/" + program.pid() + "/fdinfo/0");
        if (!Files.exists(info)) {
            return 0;
        }
        return Files.readAllLines(info).stream()
                .filter(line -> line.startsWith("flags:"))
                .mapToInt(line -> Integer.parseInt(line.replaceAll("\\D", ""), 8))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void emptyPipeEndsAtOnce() throws Exception {
        Process program = start(program(false));
        program.getOutputStream().close();
        expectEnd(program, "<StandardInput><end>");
    }

    @Test
    void terminalIsReadAsItIsTypedAndToItsHangup() throws Exception {
        assumeNative();
        Pty pty = closing(Pty.open(loop, received));
        Process program = start(pty.slave().toFile(), false);
        expect(program, "<StandardInput>");
        assertThat(flagsOfStandardInput(program) & O_NONBLOCK).isZero();
        pty.write(bytes("a"));
        expect(program, "a");
        pty.write(bytes("b\n"));
        expect(program, "b\n");
        pty.close();
        expectEnd(program, "<StandardInput>ab\n<end>");
    }

    @Test
    void socketIsReadToItsEnd() throws Exception {
        assumeInstalled("python3");
        List<String> command = new ArrayList<>(List.of("python3", "-c", SOCKET));
        command.addAll(program(false).command());
        Process program = start(new ProcessBuilder(command));
        expectEnd(program, "<StandardInput>hello<end>");
    }

    @Test
    void fileIsReadToItsEndWithAlwaysReadyFiles() throws Exception {
        Path file = directory.resolve("file");
        String text = "0123456789".repeat(10_000);
        Files.writeString(file, text);
        expectEnd(start(file.toFile(), true), "<StandardInput>" + text + "<end>");
    }

    @Test
    void devNullIsReadToItsEndWithAlwaysReadyFiles() throws Exception {
        expectEnd(start(NULL.toFile(), true), "<StandardInput><end>");
    }

    @Test
    void fileIsRejectedByDefaultWithAdvice() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "hello");
        Process program = start(file.toFile(), false);
        if (isNative()) {
            expect(program, "EPERM");
            expect(program, "alwaysReadyFiles(true)");
            expect(program, ">");
            assertThat(status(program)).isZero();
        } else {
            expectEnd(program, "<StandardInput>hello<end>");
        }
    }
}
