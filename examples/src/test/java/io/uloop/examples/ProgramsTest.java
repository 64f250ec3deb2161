package io.uloop.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs each example that serves no clients. */
@ExtendWith(NoDescriptorLeak.class)
class ProgramsTest {
    @Test
    void timersFireUntilNoneIsLeft() throws Exception {
        try (Program program = Program.start(Timers.class)) {
            List<String> lines = program.rest().lines().toList();
            assertThat(lines)
                    .containsSubsequence("tick 1", "tick 2", "tick 3", "tick 4", "done")
                    .containsSubsequence("250 ms later", "half a second", "done")
                    .hasSize(7);
        }
    }

    @Test
    void timerFdTickCountsMissedExpirations() throws Exception {
        assumeLinux();
        try (Program program = Program.start(TimerFdTick.class)) {
            List<String> lines = program.rest().lines().toList();
            long[] counts =
                    lines.stream()
                            .mapToLong(line -> Long.parseLong(line.replaceFirst(" more.*", "")))
                            .toArray();
            assertThat(lines.get(lines.size() - 1))
                    .endsWith(" more, " + Arrays.stream(counts).sum() + " in total");
            assertThat(counts[1]).as("expirations during a sleep").isGreaterThanOrEqualTo(3);
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {FiberSerial.class, SerialPort.class, TailFile.class})
    void missingArgumentIsExplained(Class<?> example) throws Exception {
        String printed = ChildJava.of(example).run(2);
        assertThat(printed).isEqualToIgnoringNewLines("usage: " + usage(example));
    }

    private static String usage(Class<?> example) {
        return example.getSimpleName() + (example == TailFile.class ? " FILE" : " LINE QUESTION");
    }

    @Test
    void tailFilePrintsWhatIsAppended(@TempDir Path folder) throws Exception {
        assumeLinux();
        Path file = Files.writeString(folder.resolve("log"), "before\n");
        try (Program program = Program.start(TailFile.class, file.toString())) {
            assertThat(program.line()).isEqualTo("following " + file);
            Files.writeString(file, "one\n", StandardOpenOption.APPEND);
            assertThat(program.line()).isEqualTo("one");
            Files.writeString(file, "two\n", StandardOpenOption.APPEND);
            assertThat(program.line()).isEqualTo("two");
            Files.writeString(file, "new\n");
            assertThat(program.line()).isEqualTo("(truncated)");
            assertThat(program.line()).isEqualTo("new");
        }
    }

    @Test
    void shellRunsCommandsInATerminal() throws Exception {
        assumeLinux();
        try (Program program = Program.start(Shell.class)) {
            program.input().write("tty; echo a$((1+1))b; stty size\n".getBytes(US_ASCII));
            program.input().close();
            assertThat(program.rest()).contains("/dev/pts/").contains("a2b").contains("24 80");
        }
    }

    @Test
    void shellInATerminalLeavesKeysToItsJobs() throws Exception {
        assumeLinux();
        try (TerminalUser user = new TerminalUser(Shell.class)) {
            user.type("stty size; tty\r");
            user.await("33 99"); // the size of the outer terminal
            user.type("sh -c 'echo re\"\"ady; exec sleep 1000'\r");
            user.await("ready");
            user.type("\u0003"); // Ctrl-C ends the sleep
            user.type("echo st''atus $?\r");
            user.await("status 130");
            user.type("exit\r");
            assertThat(user.status()).isZero();
            assertThat(user.screen()).doesNotContain("job control");
        }
    }

    @Test
    @SuppressWarnings("try") // closed to end the program, too
    void serialPortAsksItsDevice() throws Exception {
        assumeLinux();
        try (SerialDevice device = new SerialDevice();
                Program program = Program.start(SerialPort.class, device.path(), "ATI")) {
            assertThat(device.serveUntil(program::line)).isEqualTo("model 7");
            device.close();
            program.rest();
        }
    }

    @Test
    void childReportsOutputAndStatus() throws Exception {
        try (Program program = Program.start(Child.class)) {
            assertThat(program.rest().lines())
                    .containsExactlyInAnyOrder(
                            "out: apple", "out: fig", "out: pear", "exit status 0");
        }
    }

    @Test
    void signalsReloadAndStop() throws Exception {
        assumeLinux();
        try (Program program = Program.start(SignalHandling.class)) {
            assertThat(program.line()).endsWith(" is ready");
            program.signal("HUP");
            assertThat(program.line()).isEqualTo("reload 1");
            program.signal("TERM");
            assertThat(program.rest()).isEqualTo("stopping because of TERM\nstopped\n");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--add-exports=java.base/sun.nio.ch=ALL-UNNAMED", "-Duloop.poller=select"})
    void jdkChannelDeliversResults(String option) throws Exception {
        try (Program program = Program.start(List.of(option), JdkChannel.class)) {
            assertThat(program.rest()).isEqualTo("result 1\nresult 2\nresult 3\n");
        }
    }

    @Test
    void ownPollerPrintsCalls() throws Exception {
        try (Program program = Program.start(OwnPoller.class)) {
            assertThat(program.line()).startsWith("using printing-");
            assertThat(program.rest()).contains("poll[").contains("closenull");
        }
    }

    @Test
    void nestedLoopsShareAThreadUntilTheInnerOneCloses() throws Exception {
        assumeLinux();
        try (Program program = Program.start(NestedLoops.class)) {
            List<String> lines = program.rest().lines().toList();
            assertThat(lines).contains("component: tick", "program: tick");
            // The program's timer may be due in the turn that closes the component.
            assertThat(lines)
                    .filteredOn(line -> line.startsWith("component: "))
                    .endsWith("component: closed");
        }
    }

    @Test
    void loopInPollerHandlesBoth() throws Exception {
        assumeLinux();
        try (Program program = Program.start(LoopInPoller.class)) {
            assertThat(program.rest()).isEqualTo("a task of the loop\na message of the loop\n");
        }
    }

    private static void assumeLinux() {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "needs Linux");
    }
}
