package io.uloop.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.Handle;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.NativeTerminals;
import io.uloop.poller.PollerException;
import io.uloop.poller.TerminalModes;
import io.uloop.poller.WindowSize;
import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.ChildSignals;
import io.uloop.source.EachSource;
import io.uloop.source.Pty;
import io.uloop.source.WriteHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests terminals with pseudo-terminals. */
class TerminalTest extends EachSource {
    private static final int SIGTERM = 15;

    /** What the person at the terminal sees. */
    private final Received screen = new Received();

    private Pty person;
    private NativeTerminals terminals;

    /** Another descriptor of the terminal. */
    private int observer;

    @BeforeEach
    void openPty() throws IOException {
        if (loop.descriptors() instanceof NativeDescriptors descriptors) {
            person = closing(Pty.open(loop, screen));
            terminals = descriptors.terminals();
            observer =
                    descriptors.open(
                            person.slave(), StandardOpenOption.READ, StandardOpenOption.WRITE);
            closing(() -> io.close(observer));
        }
    }

    private Terminal open() throws IOException {
        assumeNative();
        return closing(Terminal.open(loop, person.slave(), received));
    }

    @Test
    void keysAndOutputPass() throws IOException {
        Terminal terminal = open();
        person.write(bytes("key"));
        runUntil(() -> received.text.toString().equals("key"));
        terminal.write(bytes("shown"));
        runUntil(() -> screen.text.toString().equals("shown"));
        person.close();
        runUntil(() -> received.ends == 1);
        terminal.close();
        terminal.close();
    }

    @Test
    void modesAreRestoredByRestoreAndClose() throws IOException {
        Terminal terminal = open();
        TerminalModes raw = terminals.modes(observer);
        terminal.setCooked();
        assertThat(terminals.modes(observer)).isNotEqualTo(raw);
        person.write(bytes("l\u0008ine\n")); // edited
        runUntil(() -> received.text.toString().endsWith("\n"));
        terminal.restore();
        terminal.restore();
        assertThat(terminals.modes(observer)).isEqualTo(raw);
        terminal.setCooked();
        terminal.setRaw();
        terminal.setCooked();
        terminal.close();
        assertThat(terminals.modes(observer)).isEqualTo(raw);
        assertThatThrownBy(terminal::setRaw).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(terminal::restore).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void changesOfTheSizeAreReportedUntilClosed() throws IOException {
        Terminal terminal = open();
        List<WindowSize> sizes = new ArrayList<>();
        Handle handle = terminal.onResize(sizes::add);
        person.setWindowSize(20, 70);
        runUntil(() -> sizes.size() == 1);
        assertThat(sizes).containsExactly(new WindowSize(20, 70));
        assertThat(terminal.size()).isEqualTo(new WindowSize(20, 70));
        handle.close();
        terminal.setSize(new WindowSize(21, 71));
        assertThat(terminals.windowSize(observer)).isEqualTo(new WindowSize(21, 71));
        terminal.onResize(sizes::add);
        terminal.close();
        assertThat(loop.metrics().timers()).isZero();
        assertThat(sizes).hasSize(1);
    }

    @Test
    void hangUpEndsTheLookAtTheSize() throws IOException {
        Terminal terminal = open();
        terminal.onResize(size -> {});
        person.close();
        runUntil(() -> received.ends == 1 && loop.metrics().timers() == 0);
    }

    @Test
    void writerStillWaitsAfterTheEndOfTheInput() throws IOException {
        Terminal terminal = open();
        terminal.setCooked();
        person.pause();
        int[] calls = new int[1];
        WriteHandler filling =
                new WriteHandler() {
                    @Override
                    public void writable() throws IOException {
                        calls[0]++;
                        while (terminal.write(bytes("x".repeat(1000))) > 0) {
                            // until it would block
                        }
                        terminal.awaitWritable(this);
                    }
                };
        loop.callSoon(filling::writable);
        person.write(bytes("\u0004")); // Ctrl-D
        runUntil(() -> received.ends == 1 && calls[0] > 0);
        int before = calls[0];
        person.resume();
        runUntil(() -> calls[0] > before);
    }

    @Test
    void writerWaitsUntilThePersonReads() throws IOException {
        Terminal terminal = open();
        person.pause();
        int[] written = new int[1];
        int[] calls = new int[1];
        for (int moved = 1; moved > 0; written[0] += moved) {
            moved = terminal.write(bytes("x".repeat(1000)));
        }
        terminal.awaitWritable(() -> calls[0]++);
        loop.runOnce(TimeUnit.MILLISECONDS.toNanos(20));
        person.resume();
        runUntil(() -> calls[0] == 1 && screen.text.length() >= written[0]);
    }

    @Test
    void otherFilesAreRejected() throws IOException {
        assumeNative();
        assertThatThrownBy(() -> Terminal.open(loop, Path.of("/dev/null"), received))
                .isInstanceOf(PollerException.class)
                .extracting(e -> ((PollerException) e).errno())
                .isEqualTo(Errno.ENOTTY);
        assertThatThrownBy(() -> Terminal.open(loop, Path.of("/dev/missing"), received))
                .isInstanceOf(PollerException.class)
                .extracting(e -> ((PollerException) e).errno())
                .isEqualTo(Errno.ENOENT);
    }

    @Test
    void selectHasNoTerminals() {
        if (!(loop.descriptors() instanceof NativeDescriptors)) {
            assertThatThrownBy(() -> Terminal.open(loop, Path.of("/dev/tty"), received))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("use a native backend");
        }
    }

    /** Starts the program in a session with the terminal. */
    private Process startProgram() throws IOException {
        assumeLinux();
        assumeInstalled("setsid");
        String redirect = "exec \"$@\" <>" + person.slave() + " >&0 2>&0";
        ProcessBuilder program =
                ChildJava.of(TerminalProgram.class, provider.name())
                        .launcher("setsid", "-w", "sh", "-c", redirect, "sh")
                        .builder();
        person.setWindowSize(25, 80);
        Process process = start(program);
        expect("ready 25 80");
        return process;
    }

    private int statusOfProgram(Process process) throws Exception {
        runUntilProgram(() -> !process.isAlive());
        return process.waitFor();
    }

    private void expect(String line) throws IOException {
        runUntilProgram(() -> screen.text.toString().contains(line));
    }

    @Test
    void resizeOfTheControllingTerminalIsReportedBySignal() throws Exception {
        Process process = startProgram();
        person.setWindowSize(26, 81);
        expect("resized 26 81");
        person.setWindowSize(27, 82);
        expect("resized 27 82");
        person.write(bytes("e"));
        assertThat(statusOfProgram(process)).isEqualTo(3);
    }

    @Test
    void exitRestoresTheModes() throws Exception {
        Process process = startProgram();
        TerminalModes before = terminals.modes(observer);
        person.write(bytes("c"));
        expect("cooked 25 80");
        assertThat(terminals.modes(observer)).isNotEqualTo(before);
        person.write(bytes("e\n"));
        assertThat(statusOfProgram(process)).isEqualTo(3);
        assertThat(terminals.modes(observer)).isEqualTo(before);
    }

    @Test
    void exitLetsNothingChangeTheRestoredModes() throws Exception {
        Process process = startProgram();
        TerminalModes before = terminals.modes(observer);
        person.write(bytes("l"));
        assertThat(statusOfProgram(process)).isEqualTo(3);
        assertThat(terminals.modes(observer)).isEqualTo(before);
    }

    @Test
    void terminationBySignalRestoresTheModes() throws Exception {
        Process process = startProgram();
        TerminalModes before = terminals.modes(observer);
        person.write(bytes("c"));
        expect("cooked 25 80");
        long pid =
                process.children()
                        .findFirst()
                        .map(ProcessHandle::pid)
                        .orElse(process.pid()); // setsid need not fork
        ChildSignals.send(pid, "TERM");
        assertThat(statusOfProgram(process)).isEqualTo(128 + SIGTERM);
        assertThat(terminals.modes(observer)).isEqualTo(before);
    }
}
