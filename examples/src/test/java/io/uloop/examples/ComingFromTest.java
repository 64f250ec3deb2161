package io.uloop.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.net.StandardSocketOptions;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Channels;
import java.nio.channels.CompletionHandler;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.nio.channels.MulticastChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each row of docs/coming-from.md has an answer, and each name in an answer exists. */
class ComingFromTest {
    private static final Path PAGE = Path.of("../docs/coming-from.md");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    /** Packages of this project come first, because some simple names are also in the JDK. */
    private static final List<String> PACKAGES =
            List.of(
                    "io.uloop",
                    "io.uloop.connection",
                    "io.uloop.connection.frames",
                    "io.uloop.fiber",
                    "io.uloop.group",
                    "io.uloop.live",
                    "io.uloop.net",
                    "io.uloop.process",
                    "io.uloop.source",
                    "io.uloop.terminal",
                    "io.uloop.poller",
                    "java.io",
                    "java.lang",
                    "com.sun.management",
                    "java.lang.management",
                    "java.net",
                    "java.nio",
                    "java.nio.channels",
                    "java.nio.file",
                    "java.security",
                    "java.time",
                    "java.util",
                    "java.util.concurrent",
                    "java.util.concurrent.locks",
                    "javax.net.ssl",
                    "jdk.net");

    /** Types whose public members all have rows. */
    private static final List<Class<?>> LISTED =
            List.of(
                    Selector.class,
                    SelectionKey.class,
                    SelectableChannel.class,
                    SelectorProvider.class,
                    NetworkChannel.class,
                    SocketChannel.class,
                    ServerSocketChannel.class,
                    DatagramChannel.class,
                    MulticastChannel.class,
                    MembershipKey.class,
                    Pipe.class,
                    Channels.class,
                    AsynchronousChannelGroup.class,
                    AsynchronousSocketChannel.class,
                    AsynchronousServerSocketChannel.class,
                    CompletionHandler.class,
                    StandardSocketOptions.class,
                    ExtendedSocketOptions.class);

    private record Row(String peer, String answer) {}

    @Test
    void rowsHaveTwoCellsWithText() throws IOException {
        List<String> lines = page().lines().filter(line -> line.startsWith("|")).toList();
        assertThat(lines).hasSizeGreaterThan(400);
        assertThat(lines.stream().filter(line -> !hasTwoCells(line))).isEmpty();
    }

    @Test
    void answersAreNamesOrRefusalsWithAReason() throws IOException {
        assertThat(rows().stream().filter(row -> !isAnswered(row))).isEmpty();
    }

    @Test
    void namesInAnswersExist() throws IOException {
        assertThat(
                        rows().stream()
                                .flatMap(row -> names(row.answer()))
                                .filter(name -> !exists(name)))
                .isEmpty();
    }

    @Test
    void publicMembersOfJavaNioHaveRows() throws IOException {
        Set<String> listed = rows().stream().flatMap(row -> names(row.peer())).collect(toSet());
        assertThat(
                        LISTED.stream()
                                .flatMap(ComingFromTest::members)
                                .filter(name -> !listed.contains(name)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "| `uv_run` | |",
                "| `uv_run` |",
                "| | `Uloop.run` |",
                "| `uv_run` | `Uloop.run` | more |"
            })
    void rowWithoutTwoCellsIsFound(String line) {
        assertThat(hasTwoCells(line)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "refused:",
                "refused: no",
                "a method of the loop",
                "`Files.move`",
                "`uv_run`"
            })
    void emptyAnswerIsFound(String answer) {
        assertThat(isAnswered(new Row("`uv_run`", answer))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Uloop.callEventually",
                "Uloop.turn",
                "UloopFactory",
                "ConnectionOptions.Maker.tls",
                "uv_run",
                "LoopAccess"
            })
    void unknownNameIsFound(String name) {
        assertThat(exists(name)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "UEvent.IN, true",
        "ConnectionOptions.Builder.tls, true",
        "TcpChannel.getLocalAddress, true",
        "ProcessBuilder.Redirect.DISCARD, false"
    })
    void existingNameIsAccepted(String name, boolean ours) {
        assertThat(exists(name)).isTrue();
        assertThat(isOurs(name)).isEqualTo(ours);
    }

    private static boolean hasTwoCells(String line) {
        return line.matches("\\| [^|\\s][^|]* \\| [^|\\s][^|]* \\||\\|---\\|---\\|");
    }

    /**
     * Whether it is refused with a reason, names something of ours, or says that the JDK has it.
     */
    private static boolean isAnswered(Row row) {
        String answer = row.answer();
        return answer.matches("refused: \\w.{10,}")
                || answer.matches("JDK: .*`.*")
                || names(answer).anyMatch(ComingFromTest::isOurs);
    }

    /** Returns the names of the public members that a type declares. */
    private static Stream<String> members(Class<?> type) {
        return Stream.of(type.getDeclaredMethods(), type.getDeclaredFields())
                .flatMap(Arrays::<Member>stream)
                .filter(member -> Modifier.isPublic(member.getModifiers()))
                .map(member -> type.getSimpleName() + "." + member.getName());
    }

    private static Stream<String> names(String cell) {
        return CODE.matcher(cell).results().map(code -> code.group(1));
    }

    static boolean isOurs(String name) {
        Class<?> type = type(name.split("\\.", -1)[0]);
        return type != null && type.getName().startsWith("io.uloop.");
    }

    /** Whether a name is that of a public type, a nested type, or a member of one of them. */
    static boolean exists(String name) {
        String[] parts = name.split("\\.", -1);
        Class<?> type = type(parts[0]);
        for (int i = 1; type != null && i < parts.length; i++) {
            if (i == parts.length - 1 && hasMember(type, parts[i])) {
                return true;
            }
            type = nested(type, parts[i]);
        }
        return type != null;
    }

    private static boolean hasMember(Class<?> type, String name) {
        return Stream.of(type.getMethods(), type.getFields())
                .flatMap(Arrays::<Member>stream)
                .anyMatch(member -> member.getName().equals(name));
    }

    private static @Nullable Class<?> nested(Class<?> type, String name) {
        return Arrays.stream(type.getClasses())
                .filter(nested -> nested.getSimpleName().equals(name))
                .findAny()
                .orElse(null);
    }

    private static @Nullable Class<?> type(String simpleName) {
        for (String packageName : PACKAGES) {
            try {
                Class<?> type = Class.forName(packageName + "." + simpleName);
                if (Modifier.isPublic(type.getModifiers())) {
                    return type;
                }
            } catch (ClassNotFoundException e) {
                // look into the next package
            }
        }
        return null;
    }

    private static List<Row> rows() throws IOException {
        return page().lines()
                .filter(line -> line.startsWith("| ") && !line.endsWith(" | Uloop |"))
                .map(line -> line.substring(2, line.length() - 2).split(" \\| ", -1))
                .map(cells -> new Row(cells[0], cells[1]))
                .toList();
    }

    private static String page() throws IOException {
        return Files.readString(PAGE, UTF_8);
    }
}
