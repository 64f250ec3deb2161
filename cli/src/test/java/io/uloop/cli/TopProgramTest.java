package io.uloop.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.Uloop;
import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.ChildSignals;
import io.uloop.poller.tck.NoDescriptorLeak;
import io.uloop.process.ChildCommand;
import io.uloop.process.ChildProcess;
import io.uloop.source.InputHandler;
import io.uloop.source.Pty;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The {@code top} command in a separate JVM, about servers in others. */
@ExtendWith(NoDescriptorLeak.class)
class TopProgramTest {
    private static final String HEADER =
            "LOOP                 TURNS/S EVENTS/S LOAD    P99   FDS CONNS TIMERS TASKS SLOW";
    private static final String ROW =
            "echo-server +\\d\\S* +\\d\\S* +\\d+% +\\d+\\S*s +\\d+ +\\d+ +\\d+ +\\d+ +\\d+";

    /** A program without a loop. */
    static final class Idle {
        public static void main(String[] arguments) throws IOException {
            System.out.println("ready");
            var unused = System.in.read();
        }
    }

    private static Processes.Result top(String... arguments) throws Exception {
        String[] all = new String[arguments.length + 1];
        all[0] = "top";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return Processes.run(Processes.uloop(all));
    }

    private static void assertFails(long pid, String message) throws Exception {
        Processes.Result result = top(Long.toString(pid));
        assertThat(result.output()).startsWith("uloop top: ").contains(message);
        assertThat(result.output().lines()).hasSize(1);
        assertThat(result.status()).isEqualTo(1);
    }

    @Test
    void onceShowsTheLoopAndItsConnections() throws Exception {
        try (ServerProcess server = new ServerProcess("echo-server", "--jmx");
                Socket client = ServerThread.connect(server.address())) {
            client.getOutputStream().write('x');
            assertThat(client.getInputStream().read()).isEqualTo('x');
            Processes.Result result = top("--once", Long.toString(server.pid()));
            List<String> lines = result.output().lines().toList();
            assertThat(lines).as(result.output()).hasSize(2);
            assertThat(lines.get(0)).isEqualTo(HEADER);
            assertThat(lines.get(1)).matches(ROW);
            assertThat(lines.get(1).split(" +")).startsWith("echo-server").hasSize(10);
            assertThat(List.of(lines.get(1).split(" +")).subList(5, 7)).containsExactly("2", "1");
            assertThat(result.status()).isZero();
            assertThat(server.errors()).isEmpty();
        }
    }

    @Test
    void withoutATerminalTablesFollowEachOtherUntilControlC() throws Exception {
        try (ServerProcess server = new ServerProcess("echo-server", "--jmx")) {
            Process top = Processes.uloop("top", Long.toString(server.pid())).start();
            try (BufferedReader output = top.inputReader(UTF_8)) {
                for (int i = 0; i < 2; i++) {
                    assertThat(output.readLine())
                            .matches("process " + server.pid() + ", 1 loop, \\d\\d:\\d\\d.*");
                    assertThat(output.readLine()).isEqualTo(HEADER);
                    assertThat(output.readLine()).matches(ROW);
                    assertThat(output.readLine()).isEmpty();
                }
                ChildSignals.send(top.pid(), "INT");
                assertThat(top.waitFor(ChildJava.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
                assertThat(top.exitValue()).isEqualTo(130);
                assertThat(top.errorReader(UTF_8).readLine()).isNull();
            } finally {
                top.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void endOfTheProcessEndsTheCommand() throws Exception {
        try (ServerProcess server = new ServerProcess("echo-server", "--jmx")) {
            Process top =
                    Processes.uloop("top", Long.toString(server.pid()))
                            .redirectErrorStream(true)
                            .start();
            try (BufferedReader output = top.inputReader(UTF_8)) {
                assertThat(output.readLine()).startsWith("process ");
                server.endBy("KILL");
                String last = null;
                for (String line = ""; line != null; line = output.readLine()) {
                    last = line;
                }
                assertThat(last).isEqualTo("uloop top: process " + server.pid() + " has ended");
                assertThat(top.waitFor()).isEqualTo(1);
            } finally {
                top.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void terminalIsRestoredAfterControlC() throws Exception {
        StringBuffer shown = new StringBuffer();
        InputHandler terminal =
                new InputHandler() {
                    @Override
                    public void received(ByteBuffer bytes) {
                        shown.append(UTF_8.decode(bytes));
                    }

                    @Override
                    public void ended() {}
                };
        try (Uloop loop = Uloop.open()) {
            assumeTrue(!loop.provider().name().equals("select"), "no pseudo-terminals");
            try (ServerProcess server = new ServerProcess("echo-server", "--jmx");
                    Pty pty = Pty.open(loop, terminal)) {
                pty.setCooked();
                pty.setWindowSize(24, 80);
                int[] status = {-1};
                ChildProcess top =
                        new ChildCommand(Processes.uloop("top", Long.toString(server.pid())))
                                .terminal(pty)
                                .start(loop, (child, ended) -> status[0] = ended);
                runUntil(loop, () -> shown.indexOf("TURNS/S") >= 0);
                runUntil(loop, () -> shown.lastIndexOf("TURNS/S") > shown.indexOf("TURNS/S"));
                assertThat(shown.toString())
                        .contains("\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[Hprocess ");
                pty.write(ByteBuffer.wrap(new byte[] {3})); // Ctrl-C
                runUntil(loop, () -> status[0] >= 0);
                runUntil(loop, () -> shown.indexOf("\u001b[?7h\u001b[?25h\u001b[?1049l") >= 0);
                assertThat(shown.substring(shown.indexOf("\u001b[?7h\u001b[?25h\u001b[?1049l")))
                        .isEqualTo("\u001b[?7h\u001b[?25h\u001b[?1049l");
                assertThat(status[0]).isEqualTo(130);
                assertThat(top).isNotNull();
            }
        }
    }

    private static void runUntil(Uloop loop, BooleanSupplier goal) throws IOException {
        long start = System.nanoTime();
        while (!goal.getAsBoolean()) {
            assertThat(System.nanoTime() - start).isLessThan(ChildJava.DEADLINE.toNanos());
            loop.runOnce(Duration.ofMillis(20).toNanos());
        }
    }

    @Test
    void missingProcessIsReported() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        assertFails(gone.pid(), "there is no process " + gone.pid());
    }

    @Test
    void programThatIsNoJvmIsReportedAndLives() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "1000").start();
        try {
            assertFails(sleep.pid(), "process " + sleep.pid() + " is not a JVM");
            assertThat(sleep.isAlive()).isTrue();
        } finally {
            sleep.destroyForcibly().waitFor();
        }
    }

    @Test
    void loopOutsideJmxIsReportedWithRemedy() throws Exception {
        try (ServerProcess server = new ServerProcess("echo-server")) {
            assertFails(
                    server.pid(),
                    "has no loop in JMX; open its loops with Uloop.builder().jmx(true), or start a"
                            + " server of uloop with --jmx");
            assertThat(server.errors()).isEmpty();
        }
    }

    @Test
    void programWithoutALoopIsReported() throws Exception {
        Process idle = ChildJava.of(Idle.class).builder().start();
        try (BufferedReader output = idle.inputReader(UTF_8)) {
            assertThat(output.readLine()).isEqualTo("ready");
            assertFails(idle.pid(), "process " + idle.pid() + " has no loop of Uloop");
        } finally {
            idle.destroyForcibly().waitFor();
        }
    }

    @Test
    void refusalToAttachIsReported() throws Exception {
        try (ServerProcess server =
                new ServerProcess(List.of("-XX:+DisableAttachMechanism"), "echo-server", "--jmx")) {
            assertFails(server.pid(), "cannot attach to process " + server.pid());
        }
    }

    @Test
    void serverWithALivePagePrintsItsAddress() throws Exception {
        try (ServerProcess server = new ServerProcess("echo-server", "--live")) {
            String line = server.nextLine();
            assertThat(line).matches("live page at http://127\\.0\\.0\\.1:\\d+/");
            URI uri = URI.create(line.replace("live page at ", "") + "metrics.json");
            try (InputStream in = uri.toURL().openStream()) {
                assertThat(new String(in.readAllBytes(), UTF_8))
                        .contains("\"name\":\"echo-server\"", "\"descriptors\":1");
            }
            assertThat(server.endBy("TERM")).isEqualTo(128 + 15);
            assertThat(server.errors()).isEmpty();
        }
    }
}
