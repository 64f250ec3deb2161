package io.uloop.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.KeyStores;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs each program of docs/guide.md from a file with the text of the page. */
@ExtendWith(NoDescriptorLeak.class)
class GuideTest {
    private static final Pattern PROGRAM =
            Pattern.compile("```java\n(.*?\nclass (\\w+) .*?)```\n", Pattern.DOTALL);

    @TempDir private Path folder;

    @Test
    void pageHasOnlyPrograms() throws IOException {
        String page = page();
        assertThat(PROGRAM.matcher(page).results().map(program -> program.group(2)))
                .containsExactly(
                        "Hello",
                        "Time",
                        "Echo",
                        "Lookup",
                        "Orderly",
                        "Group",
                        "Secure",
                        "Events",
                        "Procs",
                        "Straight");
        assertThat(page.split("```java", -1)).hasSize(11);
    }

    @Test
    void helloTicks() throws Exception {
        try (Program program = start("Hello")) {
            assertThat(program.line()).startsWith("hello on ");
            assertThat(program.rest()).matches("(tick\n){1,3}done\n");
        }
    }

    @Test
    void timeAnswers() throws Exception {
        try (Program program = start("Time");
                Socket client = Program.connect(program.address())) {
            Program.send(client, "\n");
            assertThat(Program.receiveLine(client)).matches("\\d{4}-.*Z");
        }
    }

    @Test
    void echoAnswers() throws Exception {
        try (Program program = start("Echo")) {
            assertEchoes(program.address());
        }
    }

    @Test
    void lookupAnswersEachLine() throws Exception {
        try (Program program = start("Lookup");
                Socket client = Program.connect(program.address())) {
            Program.send(client, "127.0.");
            Program.send(client, "0.1\n127.0.0.2\n");
            assertThat(List.of(Program.receiveLine(client), Program.receiveLine(client)))
                    .containsExactlyInAnyOrder("127.0.0.1: /127.0.0.1", "127.0.0.2: /127.0.0.2");
        }
    }

    @Test
    void lookupResetsAClientWithoutLineEnds() throws Exception {
        try (Program program = start("Lookup");
                Socket client = Program.connect(program.address())) {
            Program.send(client, "x".repeat(1000));
            Program.assertEnds(client);
        }
    }

    @Test
    void orderlyEndsConnectionsOnTerm() throws Exception {
        try (Program program = start("Orderly");
                Socket client = Program.connect(program.address())) {
            Program.send(client, "hello\n");
            assertThat(Program.receiveLine(client)).isEqualTo("hello");
            program.signal("TERM");
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            client.shutdownOutput();
            assertThat(program.rest()).isEqualTo("ended in order\n");
        }
    }

    @Test
    void groupAnswers() throws Exception {
        try (Program program = start("Group")) {
            assertEchoes(program.address());
        }
    }

    @Test
    void secureAnswersOverTls() throws Exception {
        Path keys = KeyStores.create(folder.resolve("demo.p12"), "password");
        TrustManagerFactory trusted =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(KeyStore.getInstance(keys.toFile(), "password".toCharArray()));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trusted.getTrustManagers(), null);
        try (Program program = start("Secure");
                Socket plain = Program.connect(program.address());
                Socket client =
                        context.getSocketFactory()
                                .createSocket(plain, "localhost", plain.getPort(), true)) {
            Program.send(client, "hello\n");
            assertThat(Program.receiveLine(client)).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Events", "Procs"})
    void echoInAnotherStyleAnswers(String name) throws Exception {
        try (Program program = start(name)) {
            InetSocketAddress address = program.address();
            ServersTest.assertEchoes(address);
            ServersTest.assertAppliesBackPressure(address);
        }
    }

    @ParameterizedTest
    @MethodSource("io.uloop.examples.FiberModes#all")
    void straightAnswersInEachMode(String mode) throws Exception {
        try (Program program = start("Straight", FiberModes.options(mode))) {
            InetSocketAddress address = program.address();
            ServersTest.assertEchoes(address);
            ServersTest.assertAppliesBackPressure(address);
        }
    }

    private static void assertEchoes(InetSocketAddress address) throws IOException {
        try (Socket client = Program.connect(address)) {
            Program.send(client, "hello\n");
            assertThat(Program.receiveLine(client)).isEqualTo("hello");
        }
    }

    private Program start(String name) throws IOException {
        return start(name, List.of());
    }

    /** Copies a program into a file and runs it as the page says, with options for Java. */
    private Program start(String name, List<String> options) throws IOException {
        Matcher program = PROGRAM.matcher(page());
        while (program.find()) {
            if (program.group(2).equals(name)) {
                Path file = Files.writeString(folder.resolve(name + ".java"), program.group(1));
                return Program.startSource(options, file);
            }
        }
        throw new AssertionError("docs/guide.md has no program " + name);
    }

    private static String page() throws IOException {
        return Files.readString(Path.of("../docs/guide.md"), UTF_8);
    }
}
