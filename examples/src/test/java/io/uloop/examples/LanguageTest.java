package io.uloop.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keeps phrases out of the repository for which plain English or the field has better ones. */
class LanguageTest {
    private static final Path REPOSITORY = Path.of("..");
    private static final Set<String> SKIPPED =
            Set.of("target", "LICENSE", "LanguageTest.java", "mvnw", "mvnw.cmd");
    private static final Set<String> HIDDEN_BUT_OURS = Set.of("..", ".ci", ".github");

    private static final List<Phrase> PHRASES =
            List.of(
                    new Phrase("(is|are|was|were|be|being) told", "say who calls or logs what"),
                    new Phrase("lest", "so that ... not"),
                    new Phrase("of (its|their) own accord", "by itself"),
                    new Phrase("nothing the second time", "Idempotent."),
                    new Phrase("any number of times\\.", "Idempotent."),
                    new Phrase("calls? (it|them) off|called off", "cancel"),
                    new Phrase("what becomes of", "say what happens"),
                    new Phrase("comes? about|comes? to be", "say what creates it"),
                    new Phrase("lets (itself|themselves)", "use an active verb"),
                    new Phrase("be it", "whether"),
                    new Phrase("which in turn", "start a new sentence"),
                    new Phrase("that which|whoever|whosoever", "name the caller or the thing"),
                    new Phrase("(nothing|what) is said", "report, log"),
                    new Phrase("trains?", "segments, segmented datagrams"),
                    new Phrase("rows? of (segments|datagrams)", "segmented datagrams"));

    private record Phrase(Pattern pattern, String advice) {
        Phrase(String words, String advice) {
            this(Pattern.compile("\\b(?:" + words + ")(?!\\w)", Pattern.CASE_INSENSITIVE), advice);
        }
    }

    @Test
    void repositoryAvoidsThePhrases() throws IOException {
        List<String> found = new ArrayList<>();
        Files.walkFileTree(
                REPOSITORY,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path folder, BasicFileAttributes attributes) {
                        return isSkipped(folder)
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        if (!isSkipped(file) && isText(file)) {
                            for (String problem : problems(Files.readString(file))) {
                                found.add(REPOSITORY.relativize(file) + ": " + problem);
                            }
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        assertThat(found).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Is told of each connection.",
                "/** Fence this, lest it be collected. */",
                "    /**\n     * The handler is\n     * told nothing.\n     */",
                "// the loop ends of its\n// own accord",
                "Closes it. Nothing the second time.",
                "boolean hasTrains;",
                "int train = 16;",
                "Receives a row of segments."
            })
    void plantedPhraseIsFound(String text) {
        assertThat(problems(text)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Thread constraints, restrained.", "the latest", "a table with one row"})
    void similarTextIsAccepted(String text) {
        assertThat(problems(text)).isEmpty();
    }

    private static boolean isSkipped(Path path) {
        String name = path.getFileName().toString();
        return SKIPPED.contains(name) || (name.startsWith(".") && !HIDDEN_BUT_OURS.contains(name));
    }

    private static boolean isText(Path file) {
        String name = file.getFileName().toString();
        return !name.contains(".") || name.matches(".*\\.(java|md|xml|c|py|yml)");
    }

    /** Finds phrases, also across the lines of a comment and inside of camel case names. */
    private static List<String> problems(String text) {
        String words =
                text.replaceAll("\\s*\\n\\s*(\\*|//|#)?\\s*", " ")
                        .replaceAll("([a-z])([A-Z])", "$1 $2");
        List<String> problems = new ArrayList<>();
        for (Phrase phrase : PHRASES) {
            Matcher matcher = phrase.pattern().matcher(words);
            while (matcher.find()) {
                problems.add("\"" + matcher.group() + "\"; better: " + phrase.advice());
            }
        }
        return problems;
    }
}
