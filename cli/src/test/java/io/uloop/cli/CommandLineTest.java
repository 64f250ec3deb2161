package io.uloop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.fiber.Fibers;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.KeyStores;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The output of commands that do not start a server. */
@ExtendWith(NoDescriptorLeak.class)
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CommandLineTest {
    private static final Pattern SHOWN =
            Pattern.compile("\\./uloop (?!bench)([a-z][\\w-]*)[^`\n]*");
    private static final Pattern OPTION = Pattern.compile("(?<= )--[a-z][a-z-]*");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @AfterEach
    void clearProperty() {
        System.clearProperty(Pollers.PROPERTY);
    }

    @Test
    void rehearsalEndsByItselfAndIsNotForUsers() {
        assertThat(run("rehearse")).isZero();
        assertThat(out.toString() + err).isEmpty();
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("time-server").doesNotContain("rehearse");
    }

    /** Pages show commands such as {@code ./uloop top PID --once}. Those of bench are elsewhere. */
    @ParameterizedTest
    @ValueSource(strings = {"README.md", "SECURITY.md", "docs/observing.md", "docs/embedding.md"})
    void helpHasTheOptionsOnThePage(String page) throws IOException {
        Matcher shown = SHOWN.matcher(Files.readString(Path.of("..", page)));
        assertThat(shown.find()).isTrue();
        do {
            assertThat(run(shown.group(1), "--help")).as(shown.group()).isZero();
            for (MatchResult option : OPTION.matcher(shown.group()).results().toList()) {
                assertThat(out.toString())
                        .as(shown.group())
                        .containsPattern(option.group() + "[^\\w-]");
            }
            out.getBuffer().setLength(0);
        } while (shown.find());
    }

    @Test
    void noCommandShowsUsage() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString())
                .contains(
                        "Usage: uloop",
                        "backends",
                        "time-server",
                        "echo-server",
                        "fiber-time",
                        "fiber-echo",
                        "tail",
                        "stdin",
                        "top");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "backends",
                "time-server",
                "echo-server",
                "fiber-time",
                "fiber-echo",
                "tail",
                "stdin",
                "top"
            })
    void helpFitsATerminal(String command) {
        String[] arguments = (command + " --help").strip().split(" ");
        assertThat(run(arguments)).isZero();
        assertThat(out.toString()).contains("Usage: uloop " + command).contains("--help");
        assertThat(out.toString().lines()).allMatch(line -> line.length() <= 80);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void backendsTableFitsATerminal() {
        assertThat(run("backends")).isZero();
        String[] lines = out.toString().split("\n");
        assertThat(lines[0]).matches("BACKEND +PRIORITY +USABLE +EVENTS AND MODES");
        assertThat(lines).allMatch(line -> line.length() <= 80 || line.startsWith("No "));
        for (PollerProvider provider : Pollers.providers()) {
            String reason = provider.unavailability();
            String usable = reason == null ? " yes " : " no ";
            assertThat(lines)
                    .anyMatch(
                            line ->
                                    line.startsWith(provider.name() + " ")
                                            && line.contains(" " + provider.priority() + " ")
                                            && line.contains(usable));
            if (reason != null) {
                assertThat(lines).contains("No " + provider.name() + ": " + reason + ".");
            }
        }
        PollerProvider picked = Pollers.provider();
        assertThat(lines[lines.length - 1]).startsWith("A server uses " + picked.name() + ", ");
        if (picked.binding() != null) {
            assertThat(lines)
                    .contains("Native backends call native code by " + picked.binding() + ".");
        }
    }

    @ParameterizedTest
    @MethodSource("io.uloop.poller.tck.Backends#names")
    void backendsReportsWhyABackendIsUsed(String backend) {
        System.setProperty(Pollers.PROPERTY, backend);
        assertThat(run("backends")).isZero();
        assertThat(out.toString())
                .contains(
                        "A server uses "
                                + backend
                                + ", because of -Duloop.poller="
                                + backend
                                + ".");
    }

    @Test
    void unusableTlsOptionsAreRefusedInOneLine(@TempDir Path folder) throws Exception {
        Path text = Files.writeString(folder.resolve("text.p12"), "not a key store");
        Path store = KeyStores.create(folder.resolve("store.p12"), "password");
        assertRefused("--tls needs --tls-password", "--tls", store.toString());
        assertRefused("--tls-password needs --tls", "--tls-password", "password");
        assertRefused(
                "no such file",
                "--tls",
                folder.resolve("missing").toString(),
                "--tls-password",
                "password");
        assertRefused(
                "is not a PKCS#12 key store",
                "--tls",
                text.toString(),
                "--tls-password",
                "password");
        assertRefused(
                "--tls-password does not open",
                "--tls",
                store.toString(),
                "--tls-password",
                "wrong");
    }

    private void assertRefused(String message, String... options) {
        err.getBuffer().setLength(0);
        List<String> arguments = new ArrayList<>(List.of("echo-server", "--port", "0"));
        arguments.addAll(List.of(options));
        assertThat(run(arguments.toArray(new String[0]))).isEqualTo(2);
        assertThat(err.toString().lines().findFirst().orElseThrow())
                .startsWith("uloop echo-server: ")
                .contains(message);
        assertThat(err.toString().lines()).hasSize(2); // the message and where to find help
    }

    @ParameterizedTest
    @ValueSource(strings = {"self", "0", "-1", "1.5", ""})
    void invalidProcessIdIsRefused(String pid) {
        assertThat(run("top", pid.isEmpty() ? "''" : pid)).isEqualTo(2);
        assertThat(err.toString().lines().findFirst().orElseThrow())
                .startsWith("uloop top: ")
                .doesNotContain("Exception");
    }

    @Test
    void usedPortOfTheLivePageIsReportedWithRemedy() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(other.getLocalPort());
            assertThat(run("echo-server", "--port", "0", "--live=" + port)).isEqualTo(1);
            assertOneLine("uloop echo-server: port " + port + " on 127.0.0.1 is in use; ");
            assertThat(err.toString()).contains("choose another with --live");
        }
        assertThat(run("echo-server", "--live=http")).isEqualTo(2);
        assertThat(err.toString()).contains("'http' is not a port");
    }

    @Test
    void tableOfLoopsFitsATerminalWhateverTheyAreCalled() {
        LoopRow row =
                new LoopRow(
                        "escape \u001b[31m of " + "x".repeat(100),
                        123_456_789,
                        9_999.6,
                        1,
                        987_654_321,
                        1_234_567,
                        99_949,
                        1,
                        12_345,
                        7);
        List<String> lines = LoopTable.lines(List.of(row));
        assertThat(lines).allMatch(line -> line.length() <= 80);
        assertThat(lines.get(1))
                .startsWith("escape ?[31m of xx..")
                .contains("123M", "10000", "100%", "988ms", "1.2M", "99.9k", "12.3k");
        assertThat(LoopTable.time(0)).isEqualTo("0ns");
        assertThat(LoopTable.time(12_345)).isEqualTo("12.3us");
        assertThat(LoopTable.time(2_500_000_000L)).isEqualTo("2.5s");
    }

    @Test
    void beanOfOtherCodeHasNoNameOfALoop() throws Exception {
        assertThat(JmxLoops.shown(new ObjectName("io.uloop:type=Uloop,name=\"a=b\"")))
                .isEqualTo("a=b");
        assertThat(JmxLoops.shown(new ObjectName("io.uloop:type=Uloop,id=1")))
                .isEqualTo("io.uloop:type=Uloop,id=1");
    }

    @Test
    void backendOptionOverridesTheProperty() {
        System.setProperty(Pollers.PROPERTY, "nope");
        assertThat(run("backends", "--backend", "select")).isZero();
        assertThat(out.toString()).contains("A server uses select, because of --backend select.");
    }

    @Test
    void backendsListsAllAfterAnUnknownBackend() {
        assertThat(run("backends", "--backend", "nope")).isEqualTo(2);
        assertThat(out.toString()).contains("BACKEND", "select");
        assertOneLine("uloop backends: \"nope\" names an unknown poller");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "time-server",
                "echo-server",
                "fiber-time",
                "fiber-echo",
                "tail file",
                "stdin"
            })
    void unknownBackendIsRefusedWithAlternatives(String line) {
        List<String> arguments = new ArrayList<>(List.of(line.split(" ", -1)));
        String command = arguments.get(0);
        arguments.addAll(List.of("--backend", "nope"));
        assertThat(run(arguments.toArray(new String[0]))).isEqualTo(2);
        assertOneLine("uloop " + command + ": \"nope\" names an unknown poller");
        assertThat(err.toString()).contains("select (usable)");
    }

    @Test
    void unusablePropertyIsRefusedWithAlternatives() {
        System.setProperty(Pollers.PROPERTY, "!epoll,!kqueue,!poll,!select");
        assertThat(run("time-server", "--port", "0")).isEqualTo(2);
        assertOneLine("uloop time-server: -Duloop.poller=!epoll,!kqueue,!poll,!select names");
        assertThat(err.toString()).contains("select (usable)");
    }

    @ParameterizedTest
    @MethodSource("io.uloop.poller.tck.Backends#names")
    void tcpPortInUseIsReportedWithRemedy(String backend) throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(other.getLocalPort());
            assertThat(run("time-server", "--port", port, "--backend", backend)).isEqualTo(1);
            assertOneLine(inUse(port));
        }
    }

    @ParameterizedTest
    @MethodSource("io.uloop.poller.tck.Backends#names")
    void udpPortInUseIsReportedWithRemedy(String backend) throws IOException {
        try (DatagramSocket other =
                new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            String port = Integer.toString(other.getLocalPort());
            assertThat(run("time-server", "--udp", "--port", port, "--backend", backend))
                    .isEqualTo(1);
            assertOneLine(inUse(port));
        }
    }

    @ParameterizedTest
    @MethodSource("io.uloop.poller.tck.Backends#names")
    void foreignAddressIsReportedWithRemedy(String backend) {
        // 192.0.2.0/24 is reserved for documentation (RFC 5737), so no machine has it.
        assertThat(run("echo-server", "--host", "192.0.2.1", "--backend", backend)).isEqualTo(1);
        assertOneLine(
                "uloop echo-server: 192.0.2.1 is not an address of this machine; choose another"
                        + " with --host");
    }

    @Test
    void tailRefusesABackendThatCannotWatchFiles() {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "no inotify");
        assertThat(run("tail", "--backend", "select", "file")).isEqualTo(1);
        assertOneLine(
                "uloop tail: the backend select cannot watch files; choose one that can with"
                        + " --backend (epoll");
    }

    @Test
    void tailRefusesAFileInAMissingDirectory() {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "no inotify");
        assertThat(run("tail", "/none/such/file")).isEqualTo(1);
        assertOneLine("uloop tail: cannot watch the directory of /none/such/file: ");
        assertThat(err.toString()).contains("ENOENT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "many", ""})
    void invalidLineCountIsRefused(String lines) {
        assertThat(run("tail", "-n", lines, "file")).isEqualTo(2);
        assertThat(err.toString()).contains("'" + lines + "' is not a number of lines");
    }

    @Test
    void tailWithoutFilesIsRefused() {
        assertThat(run("tail")).isEqualTo(2);
        assertThat(err.toString()).startsWith("uloop tail: Missing required parameter: 'FILE'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "65536", "http", "", "99999999999"})
    void invalidPortIsRefused(String port) {
        assertThat(run("time-server", "--port", port)).isEqualTo(2);
        assertThat(err.toString())
                .contains("'" + port + "' is not a port; use 0 to 65535")
                .doesNotContain("Exception");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nope", "LOOP", ""})
    void invalidModeIsRefused(String mode) {
        assertThat(run("fiber-echo", "--mode", mode)).isEqualTo(2);
        assertThat(err.toString())
                .contains("'" + mode + "' is not a mode; use loop, jdk or platform")
                .doesNotContain("Exception");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fiber-echo", "fiber-time"})
    void invalidModeOfThePropertyIsRefused(String command) {
        System.setProperty(Fibers.PROPERTY, "nope");
        try {
            assertThat(run(command, "--port", "0")).isEqualTo(2);
        } finally {
            System.clearProperty(Fibers.PROPERTY);
        }
        assertThat(err.toString())
                .isEqualTo(
                        String.format(
                                Locale.ROOT,
                                "uloop %1$s: -Duloop.fibers must be loop, jdk or platform, not"
                                        + " nope%nTry 'uloop %1$s --help'.%n",
                                command));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fiber-echo", "fiber-time"})
    void modeThatIsNotSupportedIsRefusedWithRemedy(String command) throws Exception {
        int jdk = Runtime.version().feature();
        String remedy =
                jdk < 21
                        ? "this JVM has no virtual threads; use JDK 21 or newer"
                        : jdk > 25
                                ? "this JVM lets nobody choose the scheduler of virtual threads"
                                : "start the JVM with --add-opens java.base/java.lang=ALL-UNNAMED";
        assertThat(ChildJava.of(Main.class, command, "--port", "0", "--mode", "loop").run(2))
                .startsWith("uloop " + command + ": cannot run fibers in mode loop: ")
                .contains(remedy + "; or choose another mode with --mode")
                .hasLineCount(2);
    }

    @Test
    void unknownHostIsRefused() {
        assertThat(run("time-server", "--host", "no such host")).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("uloop time-server: --host no such host is neither an address nor");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nope", "--nope"})
    void unknownCommandOrOptionIsReported(String word) {
        assertThat(run(word)).isEqualTo(2);
        assertThat(err.toString())
                .isEqualTo(
                        String.format(
                                Locale.ROOT,
                                "uloop: unknown command or option '%s'%nTry 'uloop --help'.%n",
                                word));
    }

    private int run(String... arguments) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    private void assertOneLine(String start) {
        assertThat(err.toString()).startsWith(start).hasLineCount(1);
    }

    private static String inUse(String port) {
        return "uloop time-server: port "
                + port
                + " on 127.0.0.1 is in use; stop the other program or choose another with --port";
    }
}
