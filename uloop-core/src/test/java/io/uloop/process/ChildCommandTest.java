package io.uloop.process;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.Uloop;
import io.uloop.net.ByteStream;
import io.uloop.net.UnixChannel;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.ChildJava;
import io.uloop.source.EachSource;
import io.uloop.source.InputHandler;
import io.uloop.source.Pty;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests children with a terminal, a process group, descriptors and signals. */
class ChildCommandTest extends EachSource {
    private static final int SIGUSR1 = 10;
    private static final int SIGTERM = 15;

    private final Received errors = new Received();

    /** The statuses that the exit handler got. */
    private final List<Integer> statuses = new ArrayList<>();

    @TempDir private Path directory;

    private ChildProcess start(ChildCommand command) throws IOException {
        return started(
                command.start(loop, received, errors, (process, status) -> statuses.add(status)));
    }

    private ChildProcess started(ChildProcess child) {
        closing(
                () -> {
                    child.process().destroyForcibly().waitFor();
                    child.close();
                });
        return child;
    }

    private static ChildCommand shell(String script) {
        return new ChildCommand("sh", "-c", script);
    }

    /** Runs a child to its end and returns what it has printed. */
    private String output(ChildCommand command) throws IOException {
        start(command);
        runUntil(() -> received.ends == 1 && errors.ends == 1 && statuses.size() == 1);
        return received.toString();
    }

    private static void assertErrno(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(PollerException.class)
                .extracting(e -> ((PollerException) e).errno())
                .isEqualTo(errno);
    }

    @Test
    void streamsAndStatusPassOnEveryBackend() throws IOException {
        ChildProcess child = start(shell("cat; echo problem >&2; exit 7"));
        child.write(bytes("input"));
        child.closeInput();
        runUntil(() -> received.ends == 1 && errors.ends == 1 && statuses.size() == 1);
        assertThat(received).hasToString("input");
        assertThat(errors).hasToString("problem\n");
        assertThat(statuses).containsExactly(7);
        assertThat(child.endSignal()).isNull();
        assertThat(child.process().exitValue()).isEqualTo(7);
        assertThat(child.process().isAlive()).isFalse();
    }

    @Test
    void signalThatEndsTheChildIsReported() throws Exception {
        assumeLinux();
        ChildProcess child = start(new ChildCommand("sleep", "1000"));
        SpawnedProcess process = (SpawnedProcess) child.process();
        assertThat(process.isAlive()).isTrue();
        assertThat(child.endSignal()).isNull();
        assertThatThrownBy(process::exitValue).isInstanceOf(IllegalThreadStateException.class);
        process.signal("USR1");
        runUntil(() -> statuses.size() == 1);
        assertThat(child.endSignal()).isEqualTo("USR1");
        assertThat(statuses).containsExactly(128 + SIGUSR1);
        assertThat(process.waitFor()).isEqualTo(128 + SIGUSR1);
        assertThatThrownBy(process::toHandle).isInstanceOf(UnsupportedOperationException.class);
        process.signal("KILL"); // ignored
        assertThat(process.toString()).contains("exitValue=138");
    }

    @Test
    void statusLikeThatOfASignalIsNoSignal() throws IOException {
        assumeLinux();
        ChildProcess child = start(shell("exit 143"));
        runUntil(() -> statuses.size() == 1);
        assertThat(statuses).containsExactly(128 + SIGTERM);
        assertThat(child.endSignal()).isNull();
    }

    @Test
    void destroyTerminatesOrKills() throws Exception {
        assumeLinux();
        ChildProcess child = start(new ChildCommand("sleep", "1000"));
        assertThat(child.process().supportsNormalTermination()).isTrue();
        assertThat(child.process().waitFor(1, TimeUnit.MILLISECONDS)).isFalse();
        child.process().destroy();
        assertThat(child.process().onExit().get().exitValue()).isEqualTo(128 + SIGTERM);
        runUntil(() -> statuses.size() == 1);
        ChildProcess other = start(shell("trap '' TERM; echo ready; sleep 1000"));
        runUntil(() -> received.toString().contains("ready"));
        other.process().destroy();
        other.process().destroyForcibly();
        runUntil(() -> statuses.size() == 2);
        assertThat(other.endSignal()).isEqualTo("KILL");
    }

    @Test
    void descriptorsAreInheritedByChoice() throws IOException {
        assumeLinux();
        Descriptors.Pipe first = io.pipe();
        Descriptors.Pipe second = io.pipe();
        ChildCommand command =
                shell("echo first >&3; echo second >&7; ls /proc/$$/fd; true")
                        .inherit(first.writeEnd(), 3)
                        .inherit(second.writeEnd(), 7);
        assertThat(output(command).split("\n")).containsExactly("0", "1", "2", "3", "7");
        ByteBuffer buffer = ByteBuffer.allocateDirect(100);
        io.read(first.readEnd(), buffer);
        io.read(second.readEnd(), buffer);
        assertThat(text(buffer)).isEqualTo("first\nsecond\n");
        for (Descriptors.Pipe pipe : List.of(first, second)) {
            io.close(pipe.readEnd());
            io.close(pipe.writeEnd());
        }
    }

    @Test
    void filesAreReadTruncatedAndAppended() throws IOException {
        assumeLinux();
        Path in = Files.writeString(directory.resolve("in"), "input\n");
        Path out = Files.writeString(directory.resolve("out"), "a longer former text\n");
        Path log = directory.resolve("log");
        Path more = Files.writeString(directory.resolve("more"), "further\n");
        ChildCommand command =
                shell("cat; cat <&9; echo problem >&2; exec ls /proc/self/fd >&2")
                        .inherit(in, 0)
                        .inherit(out, 1, WRITE, CREATE, TRUNCATE_EXISTING)
                        .inherit(log, 2, WRITE, CREATE, APPEND)
                        .inherit(more, 9, READ);
        for (int i = 1; i <= 2; i++) { // each start opens them again
            start(command);
            int count = i;
            runUntil(() -> statuses.size() == count);
            assertThat(Files.readString(out)).isEqualTo("input\nfurther\n");
            assertThat(Files.readString(log))
                    .isEqualTo(
                            "problem\n0\n1\n2\n3\n9\n"
                                    .repeat(i)); // 3 is the directory that ls reads
        }
        assertThat(received.ends).isZero(); // there was no pipe
        assertThat(statuses).containsExactly(0, 0);
        loop.runUntilIdle();
    }

    @Test
    void fileMayBeReadAndWritten() throws IOException {
        assumeLinux();
        Path file = Files.writeString(directory.resolve("file"), "first\n");
        assertThat(
                        output(
                                shell("read line <&3; echo second >&3; echo $line")
                                        .inherit(file, 3, READ, WRITE)))
                .isEqualTo("first\n");
        assertThat(Files.readString(file)).isEqualTo("first\nsecond\n");
    }

    @Test
    void fileThatCannotBeOpenedIsNamed() throws IOException {
        assumeLinux();
        Path absent = directory.resolve("absent").resolve("file");
        for (ChildCommand command :
                List.of(
                        new ChildCommand("true").inherit(absent, 0),
                        new ChildCommand("true").inherit(absent, 5, WRITE, CREATE),
                        new ChildCommand(
                                new ProcessBuilder("true").redirectOutput(absent.toFile())))) {
            assertThatThrownBy(() -> start(command))
                    .isInstanceOf(PollerException.class)
                    .hasMessageContaining("ENOENT")
                    .hasMessageContaining(absent.toString());
        }
        assertErrno(
                Errno.EISDIR, () -> start(new ChildCommand("true").inherit(directory, 1, WRITE)));
        assertThat(loop.metrics().descriptors()).isZero();
    }

    @Test
    void standardStreamMayBeAnyDescriptor() throws IOException {
        assumeLinux();
        UnixChannel.Pair pair = UnixChannel.pair(loop);
        UnixChannel own = closing(pair.first());
        NativeDescriptors natives = NativeDescriptors.of(provider);
        natives.setBlocking(pair.second().fd(), true);
        ChildCommand command =
                shell("read line; echo got $line; echo problem >&2")
                        .inherit(pair.second().fd(), 0)
                        .inherit(pair.second().fd(), 1);
        ChildProcess child = start(command);
        pair.second().close();
        own.write(bytes("hello\n"));
        ByteBuffer answer = ByteBuffer.allocate(100);
        runUntil(() -> own.read(answer) < 0);
        assertThat(text(answer)).isEqualTo("got hello\n");
        runUntil(() -> errors.ends == 1 && statuses.size() == 1);
        assertThat(errors).hasToString("problem\n");
        assertThatThrownBy(() -> child.write(bytes("x")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("redirected");
    }

    @Test
    void errorsMergeWithAnInheritedOutput() throws IOException {
        assumeLinux();
        Path out = directory.resolve("out");
        ProcessBuilder builder =
                new ProcessBuilder("sh", "-c", "echo one; echo two >&2").redirectErrorStream(true);
        start(new ChildCommand(builder).inherit(out, 1, WRITE, CREATE));
        runUntil(() -> statuses.size() == 1);
        assertThat(Files.readString(out)).isEqualTo("one\ntwo\n");
    }

    @Test
    void outputOfAProgramInATerminalMayBeAFile() throws IOException {
        assumeLinux();
        Pty pty = closing(Pty.open(loop, received));
        Path out = directory.resolve("out");
        started(
                shell("tty; echo to the terminal >&2")
                        .terminal(pty)
                        .inherit(out, 1, WRITE, CREATE)
                        .start(loop, (process, status) -> statuses.add(status)));
        runUntil(() -> received.ends == 1 && statuses.size() == 1);
        assertThat(received.toString()).contains("to the terminal");
        assertThat(Files.readString(out)).isEqualTo(pty.slave() + "\n");
    }

    @Test
    void openedStreamsBelongToTheProgram() throws IOException {
        ChildProcess child =
                started(
                        shell("cat; echo problem >&2; exit 3")
                                .open(loop, (process, status) -> statuses.add(status)));
        ByteStream stream = closing(child.stream());
        ByteStream problems = closing(child.errorStream());
        stream.write(bytes("through cat"));
        stream.shutdownOutput();
        ByteBuffer answer = ByteBuffer.allocate(100);
        ByteBuffer problem = ByteBuffer.allocate(100);
        runUntil(() -> stream.read(answer) < 0);
        runUntil(() -> problems.read(problem) < 0);
        runUntil(() -> statuses.size() == 1);
        assertThat(text(answer)).isEqualTo("through cat");
        assertThat(text(problem)).isEqualTo("problem\n");
        assertThat(statuses).containsExactly(3);
    }

    @Test
    void openedStreamsOfAGroupAreThoseThatAreNotInherited() throws IOException {
        assumeLinux();
        Path in = Files.writeString(directory.resolve("in"), "from a file\n");
        ChildProcess child =
                started(
                        shell("cat; exec sleep 1000")
                                .newGroup()
                                .inherit(in, 0)
                                .open(loop, (process, status) -> statuses.add(status)));
        ByteStream stream = closing(child.stream());
        assertThat(stream.directions()).isEqualTo(UEvent.IN);
        ByteBuffer answer = ByteBuffer.allocate(100);
        runUntil(() -> stream.read(answer) > 0);
        assertThat(text(answer)).isEqualTo("from a file\n");
        ((SpawnedProcess) child.process()).signalGroup("TERM");
        runUntil(() -> statuses.size() == 1);
        assertThat(child.endSignal()).isEqualTo("TERM");
    }

    @Test
    void numbersMayBeExchanged() throws IOException {
        assumeLinux();
        Descriptors.Pipe one = io.pipe();
        Descriptors.Pipe other = io.pipe();
        int a = one.writeEnd();
        int b = other.writeEnd();
        ChildCommand command =
                shell("readlink /proc/$$/fd/" + a + " /proc/$$/fd/" + b + "; true")
                        .inherit(a, b)
                        .inherit(b, a);
        Path own = Path.of("/proc/self/fd");
        assertThat(output(command).split("\n"))
                .containsExactly(
                        Files.readSymbolicLink(own.resolve("" + b)).toString(),
                        Files.readSymbolicLink(own.resolve("" + a)).toString());
        for (Descriptors.Pipe pipe : List.of(one, other)) {
            io.close(pipe.readEnd());
            io.close(pipe.writeEnd());
        }
    }

    @Test
    void builderRedirectsAndSetsEnvironmentAndDirectory() throws IOException {
        assumeLinux();
        Path out = directory.resolve("out");
        Path in = Files.writeString(directory.resolve("in"), "from a file\n");
        ProcessBuilder builder =
                new ProcessBuilder("sh", "-c", "cat; pwd; echo $OF_THE_TEST; echo e >&2")
                        .directory(directory.toFile())
                        .redirectInput(in.toFile())
                        .redirectOutput(out.toFile())
                        .redirectErrorStream(true);
        builder.environment().put("OF_THE_TEST", "value");
        start(new ChildCommand(builder));
        runUntil(() -> statuses.size() == 1);
        String expected = "from a file\n" + directory.toRealPath() + "\nvalue\ne\n";
        assertThat(Files.readString(out)).isEqualTo(expected);
        builder.command("sh", "-c", "echo more")
                .redirectOutput(Redirect.appendTo(out.toFile()))
                .redirectInput(new File("/dev/null"));
        start(new ChildCommand(builder));
        runUntil(() -> statuses.size() == 2);
        assertThat(Files.readString(out)).isEqualTo(expected + "more\n");
    }

    @Test
    void childHasNoBlockedSignals() throws IOException {
        assumeLinux();
        assertThat(output(new ChildCommand("grep", "SigBlk", "/proc/self/status")))
                .matches("SigBlk:\\s+0+\n");
    }

    @Test
    void signalOfAGroupReachesAllOfIt() throws IOException {
        assumeLinux();
        ChildProcess child = start(shell("sleep 1000 & sleep 1000 & echo $$; wait").newGroup());
        runUntil(() -> received.toString().endsWith("\n"));
        long leader = child.process().pid();
        assertThat(received).hasToString(leader + "\n");
        start(
                shell("read -r pid name state parent group rest </proc/$$/stat; echo $group")
                        .joinGroup(leader));
        runUntil(() -> received.toString().equals((leader + "\n").repeat(2)));
        ((SpawnedProcess) child.process()).signalGroup("HUP");
        runUntil(() -> received.ends == 2 && statuses.size() == 2); // all of them had the output
        assertThat(child.endSignal()).isEqualTo("HUP");
        ((SpawnedProcess) child.process()).signalGroup("KILL"); // there is none left
    }

    @Test
    void signalsAreSentToAnyProcessOrGroup() throws IOException {
        assumeLinux();
        ChildProcess child = start(new ChildCommand("sleep", "1000").newGroup());
        long pid = child.process().pid();
        Signals.send(loop, pid, "SIGSTOP");
        runUntil(() -> Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") T "));
        Signals.send(loop, pid, "CONT");
        Signals.sendToGroup(loop, pid, "9");
        runUntil(() -> statuses.size() == 1);
        assertThat(child.endSignal()).isEqualTo("KILL");
        assertErrno(Errno.ESRCH, () -> Signals.sendToGroup(loop, pid, "HUP"));
        for (long id : new long[] {0, -1, -5}) {
            assertThatThrownBy(() -> Signals.send(loop, id, "HUP"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Signals.sendToGroup(loop, 1, "HUP"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Signals.send(loop, pid, "NONE"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("WINCH");
    }

    @Test
    void shellInATerminalHasJobControl() throws Exception {
        assumeLinux();
        Pty pty = closing(Pty.open(loop, received));
        pty.setCooked();
        ChildCommand command = new ChildCommand("sh", "-i").terminal(pty);
        command.builder().environment().put("PS1", "");
        ChildProcess child =
                started(command.start(loop, (process, status) -> statuses.add(status)));
        pty.write(bytes("tty\n" + job("first")));
        expect("first is here");
        assertThat(received.toString()).contains(pty.slave().toString());
        pty.write(bytes("\u001a")); // Ctrl-Z
        expect("Stopped");
        pty.write(bytes("bg; jobs; echo ne''xt\n"));
        expect("next");
        assertThat(received.toString()).contains("Running");
        pty.write(bytes("kill %1\n" + job("second")));
        expect("second is here");
        pty.write(bytes("\u0003")); // Ctrl-C
        pty.write(bytes("echo st''atus $?\n"));
        expect("status 130");
        pty.write(bytes("exit 5\n"));
        runUntil(() -> received.ends == 1 && statuses.size() == 1);
        assertThat(statuses).containsExactly(5);
        assertThat(received.toString()).doesNotContain("job control", "access tty");
        assertThat(child.endSignal()).isNull();
    }

    /** Returns a line that starts a job, which prints when it has the terminal. */
    private static String job(String name) {
        return "sh -c 'echo " + name + " is \"\"here; exec sleep 1000'\n";
    }

    private void expect(String text) throws IOException {
        try {
            runUntil(() -> received.toString().contains(text));
        } catch (AssertionError e) {
            throw new AssertionError("no " + text + " in " + received, e);
        }
    }

    @Test
    void signalsHaveTheirDefaultActions() throws Exception {
        assumeLinux();
        String printed =
                ChildJava.of(Ignoring.class)
                        .options("-Duloop.poller=" + provider.name())
                        .launcher("sh", "-c", "trap '' INT QUIT TSTP; exec \"$@\"", "sh")
                        .run();
        // The C library ignores 32 and 33, which it uses itself.
        assertThat(printed).containsPattern("SigIgn:\t[0-9a-f]{8}[08]0{7}\n");
    }

    /** The locale of the JVM may not be able to decode them, nor tell them apart. */
    @Test
    void inheritedVariablesKeepTheirBytes() throws Exception {
        assumeLinux();
        for (String locale : List.of("C", "C.UTF-8")) {
            String variables =
                    "export LC_ALL=" + locale + " X=\"$(printf 'B\\303\\274cher\\377')\"; ";
            String alike = "exec env \"$(printf 'Y\\376=')\" \"$(printf 'Y\\377=')\" \"$@\"";
            String printed =
                    ChildJava.of(Foreign.class)
                            .options("-Duloop.poller=" + provider.name())
                            .launcher("sh", "-c", variables + alike, "sh")
                            .run();
            assertThat(printed.lines()).as(locale).contains("42 c3 bc 63 68 65 72 ff");
            assertThat(printed.contains("refused")).isEqualTo(locale.equals("C"));
        }
    }

    /** Starts a child that prints a variable, and one with an argument outside of ASCII. */
    static final class Foreign {
        private static final InputHandler PRINTED =
                new InputHandler() {
                    @Override
                    public void received(ByteBuffer bytes) {
                        System.out.print(StandardCharsets.US_ASCII.decode(bytes));
                    }

                    @Override
                    public void ended() {}
                };

        private Foreign() {}

        public static void main(String[] arguments) throws IOException {
            try (Uloop loop = Uloop.open()) {
                print(loop, "sh", "-c", "printf %s \"$X\" | od -An -tx1 | tr -s ' ' | cut -c2-");
                try {
                    print(loop, "true", "\u00fc");
                } catch (IllegalArgumentException e) {
                    System.out.println("refused");
                }
            }
        }

        private static void print(Uloop loop, String... command) throws IOException {
            new ChildCommand(command).start(loop, PRINTED, PRINTED, (process, status) -> {});
            loop.runUntilIdle();
        }
    }

    /** Starts a child that prints the signals that it ignores. */
    static final class Ignoring {
        private Ignoring() {}

        public static void main(String[] arguments) throws IOException {
            try (Uloop loop = Uloop.open()) {
                Received output = new Received();
                var unused =
                        new ChildCommand("grep", "SigIgn", "/proc/self/status")
                                .start(loop, output, output, (process, status) -> {});
                loop.runUntilIdle();
                System.out.print(output);
            }
        }
    }

    @Test
    void hangUpOfTheTerminalEndsTheChild() throws IOException {
        assumeLinux();
        Pty pty = closing(Pty.open(loop, received));
        ChildProcess child =
                started(
                        shell("echo ready; exec sleep 1000")
                                .terminal(pty)
                                .start(loop, (process, status) -> statuses.add(status)));
        expect("ready");
        pty.close();
        runUntil(() -> statuses.size() == 1);
        assertThat(child.endSignal()).isEqualTo("HUP");
    }

    @Test
    void abandonedChildIsReapedByTheNextStart() throws IOException {
        assumeLinux();
        ChildProcess abandoned = start(shell("echo started; exec sleep 1000"));
        expect("started");
        long pid = abandoned.process().pid();
        abandoned.close();
        Signals.send(loop, pid, "KILL");
        Path state = Path.of("/proc/" + pid + "/stat");
        runUntil(() -> Files.readString(state).contains(") Z "));
        start(new ChildCommand("true"));
        assertThat(state).doesNotExist();
        runUntil(() -> statuses.size() == 1);
    }

    @Test
    void failedStartLeavesNothingOpen() throws IOException {
        assumeLinux();
        assertErrno(Errno.ENOENT, () -> start(new ChildCommand("/does/not/exist")));
        assertErrno(Errno.ENOENT, () -> start(new ChildCommand("does-not-exist-either")));
        assertErrno(Errno.EACCES, () -> start(new ChildCommand("/etc/passwd")));
        assertThatThrownBy(
                        () ->
                                start(
                                        new ChildCommand(
                                                new ProcessBuilder("true")
                                                        .directory(new File("/does/not/exist")))))
                .hasMessageContaining("ENOENT")
                .hasMessageContaining("/does/not/exist");
        assertErrno(Errno.EBADF, () -> start(new ChildCommand("true").inherit(100_000, 3)));
        assertErrno(Errno.EPERM, () -> start(new ChildCommand("true").joinGroup(1)));
        assertThat(loop.metrics().descriptors()).isZero();
        loop.runUntilIdle();
        assertThat(statuses).isEmpty();
        assertThatThrownBy(() -> new ChildCommand("true").inherit(3, -1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ChildCommand("true").inherit(directory, -1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> start(new ChildCommand("a\0b")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void optionsAreRefusedWhereTheJvmStartsTheChild() {
        if (loop.descriptors() instanceof NativeDescriptors) {
            return;
        }
        assertThatThrownBy(() -> start(new ChildCommand("true").newGroup()))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("native backend on Linux, not select");
        assertThatThrownBy(() -> start(new ChildCommand("true").inherit(directory, 3)))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("redirect its standard streams in the builder");
        assertThatThrownBy(() -> Signals.send(loop, 1, "HUP"))
                .isInstanceOf(UnsupportedOperationException.class);
    }
}
