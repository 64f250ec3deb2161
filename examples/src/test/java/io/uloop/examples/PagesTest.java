package io.uloop.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the pages name exists: files and their headings, public members, system properties. */
class PagesTest {
    private static final Path REPOSITORY = Path.of("..");
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
    private static final Pattern MEMBER =
            Pattern.compile("`([A-Z]\\w+(?:\\.\\w+)+)(?:\\([^`]*\\))?`");
    private static final Pattern PROPERTY = Pattern.compile("-D(uloop\\.[a-zA-Z.]*[a-zA-Z])");
    private static final Pattern CLASS =
            Pattern.compile("\\b(?:-Dtest=|io(?:\\.[a-z]\\w*)+\\.)([A-Z]\\w+)");
    private static final Pattern LITERAL = Pattern.compile("\"(uloop\\.[a-zA-Z.]+)\"");

    private static List<Path> pages() {
        return Stream.of(
                        Stream.of("README", "CONTRIBUTING", "RELEASING", "SECURITY", "CHANGELOG")
                                .map(name -> REPOSITORY.resolve(name + ".md")),
                        Stream.of(Path.of("README.md")),
                        DocumentedCodeTest.files(REPOSITORY.resolve("docs"), ".md"))
                .flatMap(files -> files)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksLeadToFilesAndHeadings(Path page) {
        assertThat(found(LINK, prose(page)).filter(link -> !leads(page, link))).isEmpty();
    }

    /** Returns the pages whose names are ours and of today. */
    private static List<Path> pagesWithMembers() {
        return pages().stream()
                .filter(page -> !page.endsWith("CHANGELOG.md") && !page.endsWith("coming-from.md"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("pagesWithMembers")
    void publicMembersExist(Path page) {
        assertThat(found(MEMBER, prose(page)).filter(name -> !isKnown(name))).isEmpty();
    }

    @Test
    void systemPropertiesAreThoseOfTheLibrary() {
        Set<String> read = new TreeSet<>();
        DocumentedCodeTest.modules()
                .filter(module -> module.getFileName().toString().matches("(poller|uloop)-.*"))
                .flatMap(module -> DocumentedCodeTest.files(module.resolve("src/main"), ".java"))
                .flatMap(file -> found(LITERAL, DocumentedCodeTest.read(file)))
                .forEach(read::add);
        Set<String> documented =
                pages().stream()
                        .flatMap(page -> found(PROPERTY, DocumentedCodeTest.read(page)))
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(documented).isEqualTo(read);
    }

    /** Events of Flight Recorder have the names of their classes without "Event". */
    @Test
    void classesOfCommandsExist() {
        Set<String> sources =
                DocumentedCodeTest.modules()
                        .flatMap(module -> DocumentedCodeTest.files(module.resolve("src"), ".java"))
                        .map(file -> file.getFileName().toString().replace(".java", ""))
                        .collect(Collectors.toSet());
        Stream<Path> scripts =
                DocumentedCodeTest.files(REPOSITORY.resolve(".ci"), "")
                        .filter(Files::isRegularFile);
        assertThat(
                        Stream.concat(pages().stream(), scripts)
                                .flatMap(page -> found(CLASS, DocumentedCodeTest.read(page)))
                                .filter(name -> !sources.contains(name))
                                .filter(name -> !sources.contains(name + "Event")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"missing.md", "README.md#two-servers", "#two-servers"})
    void linkToNothingIsFound(String link) {
        assertThat(leads(Path.of("README.md"), link)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md#examples", "#examples", "../docs", "https://uloop.invalid"})
    void goodLinkIsAccepted(String link) {
        assertThat(leads(Path.of("README.md"), link)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Descriptors.pidfd", "Uloop.turn", "LoopMetrics.depth"})
    void memberOfAnotherTypeIsFound(String name) {
        assertThat(isKnown(name)).isFalse();
    }

    private static boolean isKnown(String name) {
        return !ComingFromTest.isOurs(name) || ComingFromTest.exists(name);
    }

    private static boolean leads(Path page, String link) {
        if (link.startsWith("http") || link.startsWith("../../actions/")) { // of the web site
            return true;
        }
        String[] parts = link.split("#", 2);
        Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        return Files.exists(file) && (parts.length == 1 || anchors(file).contains(parts[1]));
    }

    private static List<String> anchors(Path page) {
        return found(HEADING, prose(page))
                .map(heading -> heading.replaceAll("\\[(.*?)]\\(.*?\\)", "$1"))
                .map(heading -> heading.toLowerCase(Locale.ROOT))
                .map(heading -> heading.replaceAll("[^\\w -]", "").replace(' ', '-'))
                .toList();
    }

    /** Returns a page without its blocks of code. */
    private static String prose(Path page) {
        return DocumentedCodeTest.read(page).replaceAll("(?s)```.*?```", "");
    }

    private static Stream<String> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(match -> match.group(1));
    }
}
