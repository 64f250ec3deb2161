package io.uloop.cookbook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The index of the cookbook is complete, and the commands of a page agree. */
class RecipePagesTest {
    private static final Path PAGES = Path.of("../docs/cookbook");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)(?:#[^)]*)?\\)");

    private static List<Path> pages() throws IOException {
        try (Stream<Path> all = Files.list(PAGES)) {
            return all.sorted().toList();
        }
    }

    private static List<Path> links(Path page) throws IOException {
        return LINK.matcher(Files.readString(page))
                .results()
                .map(each -> each.group(1))
                .filter(each -> !each.startsWith("http"))
                .map(each -> page.resolveSibling(each).normalize())
                .toList();
    }

    /** Otherwise Java ignores the cache. */
    @Test
    void containerRunsWithTheOptionsOfItsCache() throws IOException {
        String page = Files.readString(PAGES.resolve("containers.md"));
        String build = options(page, "RUN java (.*) app.Rehearsal");
        String run = options(page, "ENTRYPOINT \\[\"java\", (.*), \"app.Main\"]");
        assertThat(run).isEqualTo(build).contains("--enable-native-access");
    }

    /** Returns the options of a command, without the one that names the cache. */
    private static String options(String page, String command) {
        Matcher found = Pattern.compile(command).matcher(page);
        assertThat(found.find()).as(command).isTrue();
        return found.group(1).replaceAll("[\"',]", "").replaceAll("-XX:AOT\\S+ ", "");
    }

    @Test
    void indexNamesEachPage() throws IOException {
        Path index = PAGES.resolve("README.md");
        List<Path> pages = new ArrayList<>(pages());
        assertThat(pages.remove(index)).isTrue();
        assertThat(links(index)).containsAll(pages.stream().map(Path::normalize).toList());
    }
}
