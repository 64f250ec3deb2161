package io.uloop.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PtyTest extends EachSource {
    private static final int SIGHUP = 1;
    private static final int SIGINT = 2;

    private Pty open() throws IOException {
        assumeNative();
        return closing(Pty.open(loop, received));
    }

    /** Starts a program whose three streams are the terminal. */
    private Process startIn(Pty pty, String... command) throws IOException {
        File slave = pty.slave().toFile();
        Process process =
                start(new ProcessBuilder(command).redirectInput(slave).redirectOutput(slave));
        pty.releaseSlave();
        return process;
    }

    /** Starts a command in a session whose controlling terminal is this one. */
    private Process startSession(Pty pty, String command) throws IOException {
        assumeInstalled("setsid");
        String opening = "exec <>" + pty.slave() + " >&0 2>&0; stty sane; " + command;
        // A JVM in the background of a shell ignores these signals, and its children would, too.
        String defaults = "--default-signal=INT,HUP";
        return start("env", defaults, "setsid", "-w", "sh", "-c", opening);
    }

    private void type(Pty pty, String text) throws IOException {
        assertThat(pty.write(bytes(text))).isEqualTo(text.length());
    }

    @Test
    void programsOutputEndsWithTheProgram() throws Exception {
        Pty pty = open();
        Process child = startIn(pty, "sh", "-c", "test -t 0 && test -t 1 && echo hello");
        runUntil(() -> received.ends > 0);
        assertThat(received).hasToString("hello\n");
        assertThat(status(child)).isZero();
        assertThat(received.failures).isEmpty();
        assertThat(loop.toString()).contains("descriptors=0");
        pty.resume();
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void outputDoesNotEndBeforeTheSlaveIsReleased() throws Exception {
        Pty pty = open();
        run("sh", "-c", "echo one >" + pty.slave());
        run("sh", "-c", "echo two >" + pty.slave());
        runUntil(() -> received.toString().equals("one\ntwo\n"));
        assertThat(loop.runOnce(0)).isZero();
        assertThat(received.ends).isZero();
        pty.releaseSlave();
        pty.releaseSlave();
        runUntil(() -> received.ends == 1);
    }

    @Test
    void writtenBytesAreInputOfTheProgram() throws Exception {
        Pty pty = open();
        Process shell = startIn(pty, "sh", "-c", "read n; echo $((6 * n)); read n; exit $n");
        type(pty, "7\n");
        runUntil(() -> received.toString().equals("42\n"));
        type(pty, "3\n");
        assertThat(status(shell)).isEqualTo(3);
        runUntil(() -> received.ends == 1);
    }

    @Test
    void controlCInterruptsTheForegroundProgram() throws Exception {
        Pty pty = open();
        Process cat = startSession(pty, "echo ready; exec cat");
        runUntil(() -> received.toString().contains("ready"));
        type(pty, "\u0003");
        assertThat(status(cat)).isEqualTo(128 + SIGINT);
    }

    @Test
    void closeHangsUpThePrograms() throws Exception {
        Pty pty = open();
        Process cat = startSession(pty, "echo ready; exec cat");
        runUntil(() -> received.toString().contains("ready"));
        pty.close();
        assertThat(status(cat)).isEqualTo(128 + SIGHUP);
    }

    @Test
    void setWindowSizeIsSeenByThePrograms() throws Exception {
        Pty pty = open();
        pty.setWindowSize(50, 132);
        Process stty = startIn(pty, "stty", "size");
        runUntil(() -> received.ends > 0);
        assertThat(received).hasToString("50 132\n");
        assertThat(status(stty)).isZero();
        assertThatIllegalArgumentException().isThrownBy(() -> pty.setWindowSize(-1, 80));
    }

    @Test
    void writeWaitsUntilTheProgramReads() throws Exception {
        Pty pty = open();
        int typed = 0;
        int[] calls = new int[1];
        do { // the kernel moves input asynchronously, which makes room for more
            for (int moved = 1; moved > 0; typed += moved) {
                moved = pty.write(ByteBuffer.allocate(1000));
            }
            calls[0] = 0;
            pty.awaitWritable(() -> calls[0]++);
            loop.runOnce(TimeUnit.MILLISECONDS.toNanos(100));
        } while (calls[0] > 0);
        startIn(pty, "head", "-c", Integer.toString(typed));
        runUntil(() -> calls[0] == 1 && received.ends == 1);
        assertThat(received.text).hasSize(typed);
    }

    @Test
    void waitingWriterIsCalledOnceAtTheEnd() throws Exception {
        Pty pty = open();
        pty.pause();
        pty.awaitWritable(() -> received.text.append("writable"));
        pty.releaseSlave();
        runUntil(() -> received.text.length() > 0);
        assertThat(loop.runOnce(0)).isZero();
        assertThat(received).hasToString("writable");
        assertThat(received.ends).isZero();
        pty.resume();
        runUntil(() -> received.ends == 1);
    }

    @Test
    void pausedTerminalReadsNothing() throws Exception {
        Pty pty = open();
        pty.pause();
        run("sh", "-c", "echo hello >" + pty.slave());
        assertThat(loop.runOnce(0)).isZero();
        pty.resume();
        runUntil(() -> received.toString().equals("hello\n"));
    }

    @Test
    void closedTerminalRejectsCalls() throws Exception {
        Pty pty = open();
        pty.close();
        pty.close();
        pty.pause();
        assertThatIllegalStateException().isThrownBy(pty::resume);
        assertThatIllegalStateException().isThrownBy(() -> pty.write(bytes("x")));
        assertThatIllegalStateException().isThrownBy(() -> pty.awaitWritable(() -> {}));
        assertThatIllegalStateException().isThrownBy(() -> pty.setWindowSize(25, 80));
        assertThat(pty.toString()).endsWith(", closed]");
    }

    @Test
    void unsupportedBackendNamesTheAlternative() {
        assertUnsupported(() -> Pty.open(loop, received), "native backend");
    }
}
