package io.uloop.poller.posix.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.Errno;
import io.uloop.poller.LineSettings;
import io.uloop.poller.LineSettings.FlowControl;
import io.uloop.poller.LineSettings.Parity;
import io.uloop.poller.ModemLine;
import io.uloop.poller.NativeTerminals;
import io.uloop.poller.PollerException;
import io.uloop.poller.SpawnRequest;
import io.uloop.poller.TerminalModes;
import io.uloop.poller.WindowSize;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.tck.Ends;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests terminals with a pseudo-terminal, and compares with stty(1). */
@ExtendWith(NoDescriptorLeak.class)
class TerminalsTest {
    private final PosixDescriptors io = PosixDescriptors.INSTANCE;
    private final NativeTerminals terminals = io.terminals();
    private int[] ends;

    @BeforeEach
    void openPty() throws IOException {
        ends = Ends.of(io.pty());
    }

    @AfterEach
    void closePty() throws IOException {
        io.close(ends[0]);
        io.close(ends[1]);
    }

    private static void assertFails(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(PollerException.class)
                .extracting(e -> ((PollerException) e).errno())
                .isEqualTo(errno);
    }

    /** Returns what stty prints of the slave. */
    private String stty(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 3];
        command[0] = "stty";
        command[1] = "-F";
        command[2] = io.ptsname(ends[0]).toString();
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        byte[] said = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).isZero();
        return new String(said, StandardCharsets.US_ASCII);
    }

    @Test
    void rawIsWhatTheCLibraryCallsRaw() throws Exception {
        TerminalModes byLibrary = terminals.modes(ends[1]);
        terminals.setRaw(ends[1]);
        assertThat(terminals.modes(ends[1])).isEqualTo(byLibrary).hasSameHashCodeAs(byLibrary);
        stty("sane");
        terminals.setRaw(ends[1]);
        assertThat(stty("-a")).contains("-icanon", "-isig", "-echo ", "-opost", "min = 1");
    }

    @Test
    void cookedIsSane() throws Exception {
        terminals.setCooked(ends[1]);
        assertThat(stty("-a").split("[ ;\\n]+"))
                .contains("icanon", "isig", "echo", "opost", "onlcr", "icrnl", "iexten");
    }

    @Test
    void modesAreRestored() throws Exception {
        stty("sane", "-echo", "38400");
        TerminalModes before = terminals.modes(ends[1]);
        String said = stty("-a");
        terminals.setRaw(ends[1]);
        terminals.setLineSettings(ends[1], LineSettings.of(9600));
        assertThat(terminals.modes(ends[1])).isNotEqualTo(before);
        terminals.restore(ends[1], before);
        assertThat(terminals.modes(ends[1])).isEqualTo(before);
        assertThat(stty("-a")).isEqualTo(said);
        assertThatThrownBy(() -> terminals.restore(ends[1], new TerminalModes(new byte[3])))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void lineSettingsAreSetAndSeenByOthers() throws Exception {
        LineSettings settings = LineSettings.of(115_200).withBits(8, 2).with(FlowControl.HARDWARE);
        terminals.setLineSettings(ends[1], settings);
        assertThat(terminals.lineSettings(ends[1])).isEqualTo(settings);
        assertThat(stty("-a").split("[ ;\\n]+"))
                .contains("115200", "cstopb", "crtscts", "cs8", "-parenb", "-ixon");
        terminals.setLineSettings(ends[1], LineSettings.of(9600).with(FlowControl.SOFTWARE));
        assertThat(stty("-a").split("[ ;\\n]+"))
                .contains("9600", "-cstopb", "-crtscts", "ixon", "ixoff");
        stty("19200");
        assertThat(terminals.lineSettings(ends[1]).baud()).isEqualTo(19_200);
    }

    @Test
    void anySpeedIsPossible() throws Exception {
        for (int baud : new int[] {1, 50, 31_250, 250_000, 3_000_000}) {
            terminals.setLineSettings(ends[1], LineSettings.of(baud));
            assertThat(terminals.lineSettings(ends[1]).baud()).isEqualTo(baud);
        }
    }

    @Test
    void settingsThatTheDeviceIgnoresAreRefusedWithoutEffect() throws Exception {
        terminals.setLineSettings(ends[1], LineSettings.of(4800));
        TerminalModes before = terminals.modes(ends[1]);
        assertFails(
                Errno.EINVAL, // a pseudo-terminal has no parity
                () -> terminals.setLineSettings(ends[1], LineSettings.of(9600).with(Parity.EVEN)));
        assertThat(terminals.modes(ends[1])).isEqualTo(before);
    }

    @Test
    void pseudoTerminalHasNoModemLines() {
        for (ThrowingCallable call :
                List.<ThrowingCallable>of(
                        () -> terminals.modemLines(ends[1]),
                        () -> terminals.setModemLine(ends[1], ModemLine.DTR, true),
                        () -> terminals.setModemLine(ends[1], ModemLine.RTS, false))) {
            assertThatThrownBy(call)
                    .isInstanceOf(PollerException.class)
                    .hasMessageContaining("this device has no modem lines; only serial lines have")
                    .hasMessageContaining("TIOCM");
        }
        assertFails(Errno.EBADF, () -> terminals.modemLines(-1));
        assertFails(Errno.EBADF, () -> terminals.setBreak(-1, true));
        assertFails(Errno.EBADF, () -> terminals.isOutputSent(-1));
    }

    @Test
    void breakIsForTerminalsOnly() throws Exception {
        int[] pipe = Ends.of(io.pipe());
        for (boolean active : new boolean[] {true, false}) {
            assertThatThrownBy(() -> terminals.setBreak(pipe[0], active))
                    .isInstanceOf(PollerException.class)
                    .hasMessageContaining("this device has no break; only serial lines have")
                    .hasMessageContaining("ENOTTY");
        }
        io.close(pipe[0]);
        io.close(pipe[1]);
    }

    @Test
    void outputIsSentWhenNothingWaits() throws Exception {
        assertThat(terminals.isOutputSent(ends[1])).isTrue();
        int[] pipe = Ends.of(io.pipe());
        assertFails(Errno.ENOTTY, () -> terminals.isOutputSent(pipe[0]));
        io.close(pipe[0]);
        io.close(pipe[1]);
    }

    @Test
    void windowSizeIsRead() throws Exception {
        assertThat(terminals.windowSize(ends[1])).isEqualTo(new WindowSize(0, 0));
        terminals.setWindowSize(ends[0], new WindowSize(50, 65535));
        assertThat(terminals.windowSize(ends[1])).isEqualTo(new WindowSize(50, 65535));
        assertThat(terminals.windowSize(ends[0])).isEqualTo(new WindowSize(50, 65535));
        stty("rows", "33");
        assertThat(terminals.windowSize(ends[0])).isEqualTo(new WindowSize(33, 65535));
    }

    /** Linux tells the session of the slave also by the master. */
    @Test
    void masterOfAnotherSessionIsNotControlling() throws Exception {
        assumeTrue(Linux.HERE, "only Linux starts sessions");
        Path slave = io.ptsname(ends[0]);
        long pid =
                io.processes()
                        .spawn(
                                new SpawnRequest(
                                        List.of("cat"), System.getenv(), null, slave, 0, Map.of()));
        try {
            assertThat(Libc.CALLS.tcgetsid(ends[0])).isEqualTo((int) pid);
            assertThat(terminals.isControlling(ends[0])).isFalse();
            assertThat(terminals.isControlling(ends[1])).isFalse();
        } finally {
            io.processes().kill(pid, 9);
            await().until(() -> io.processes().reap(pid) != null);
        }
    }

    @Test
    void otherFilesAreNoTerminals() throws Exception {
        assertThat(terminals.isTerminal(ends[1])).isTrue();
        assertThat(terminals.isControlling(ends[1])).isFalse();
        int[] pipe = Ends.of(io.pipe());
        assertThat(terminals.isTerminal(pipe[0])).isFalse();
        assertThat(terminals.isControlling(pipe[0])).isFalse();
        assertThat(terminals.isTerminal(-1)).isFalse();
        assertFails(Errno.ENOTTY, () -> terminals.modes(pipe[0]));
        assertFails(Errno.ENOTTY, () -> terminals.setRaw(pipe[0]));
        assertFails(Errno.ENOTTY, () -> terminals.lineSettings(pipe[0]));
        assertFails(Errno.ENOTTY, () -> terminals.windowSize(pipe[0]));
        io.close(pipe[0]);
        io.close(pipe[1]);
        assertFails(Errno.EBADF, () -> terminals.modes(-1));
        assertFails(Errno.EBADF, () -> terminals.windowSize(-1));
        assertThat(terminals.isTerminal(pipe[0])).isFalse();
    }
}
