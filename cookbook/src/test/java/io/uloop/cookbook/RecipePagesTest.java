package io.uloop.cookbook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The index of the cookbook is complete, and each page leads to files that exist. */
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

    @Test
    void linksLeadToFiles() throws IOException {
        for (Path page : pages()) {
            assertThat(links(page)).as(page.toString()).isNotEmpty().allMatch(Files::exists);
        }
    }

    @Test
    void indexNamesEachPage() throws IOException {
        Path index = PAGES.resolve("README.md");
        List<Path> pages = new ArrayList<>(pages());
        assertThat(pages.remove(index)).isTrue();
        assertThat(links(index)).containsAll(pages.stream().map(Path::normalize).toList());
    }
}
