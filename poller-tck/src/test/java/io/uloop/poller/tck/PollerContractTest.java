package io.uloop.poller.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Tests of the framework around the cases. The modules of the backends run the cases. */
class PollerContractTest {
    @TempDir Path results;

    @Test
    void casesAreNumberedWithoutGaps() {
        List<Integer> numbers =
                CaseList.contract().values().stream()
                        .flatMap(sentences -> sentences.keySet().stream())
                        .sorted()
                        .toList();
        assertThat(numbers)
                .hasSizeGreaterThanOrEqualTo(80)
                .isEqualTo(IntStream.rangeClosed(1, numbers.size()).boxed().toList());
    }

    @Test
    void documentListsEveryCase() throws IOException {
        List<String> lines = new ArrayList<>();
        CaseList.contract()
                .forEach(
                        (area, sentences) -> {
                            lines.add("### " + area);
                            sentences.forEach(
                                    (number, sentence) ->
                                            lines.add("- " + number + ": " + sentence));
                        });
        List<String> listed =
                Files.readAllLines(Path.of("..", "docs", "contract.md")).stream()
                        .dropWhile(line -> !line.equals("## Cases"))
                        .filter(line -> line.startsWith("### ") || line.startsWith("- "))
                        .toList();
        assertThat(listed)
                .as("the list in docs/contract.md, expected:%n%s", String.join("\n", lines))
                .isEqualTo(lines);
    }

    @Test
    void unusableBackendSkipsEveryCaseWithItsReason() throws IOException {
        TestExecutionSummary summary = run(UnusableContract.class);
        int cases = numberOfCases();
        assertThat(summary.getTestsAbortedCount()).isEqualTo(cases);
        assertThat(Files.readAllLines(results.resolve("unusable.tsv")))
                .hasSize(cases)
                .allMatch(line -> line.endsWith("\tSKIPPED\tnot on this system"));
    }

    @Test
    void brokenBackendFailsEveryCase() throws IOException {
        TestExecutionSummary summary = run(BrokenContract.class);
        int cases = numberOfCases();
        assertThat(summary.getTestsFailedCount()).isEqualTo(cases);
        assertThat(Files.readAllLines(results.resolve("broken.tsv")))
                .hasSize(cases)
                .allMatch(line -> line.contains("\tFAILED\t") && line.endsWith("broken"));
    }

    @Test
    void outcomesOfAnEarlierRunAreReplaced() throws IOException {
        Files.writeString(results.resolve("broken.tsv"), "1\tPASSED\t\n");
        run(BrokenContract.class);
        assertThat(Files.readString(results.resolve("broken.tsv"))).doesNotContain("PASSED");
    }

    private TestExecutionSummary run(Class<?> contract) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        String before = System.setProperty(CaseResults.PROPERTY, results.toString());
        try {
            LauncherFactory.create()
                    .execute(
                            LauncherDiscoveryRequestBuilder.request()
                                    .selectors(selectClass(contract))
                                    .build(),
                            listener);
        } finally {
            if (before == null) {
                System.clearProperty(CaseResults.PROPERTY);
            } else {
                System.setProperty(CaseResults.PROPERTY, before);
            }
        }
        return listener.getSummary();
    }

    private static int numberOfCases() {
        return CaseList.contract().values().stream().mapToInt(area -> area.size()).sum();
    }

    static final class UnusableContract extends PollerContract {
        @Override
        protected PollerProvider provider() {
            return new FakeProvider("unusable", "not on this system");
        }
    }

    static final class BrokenContract extends PollerContract {
        @Override
        protected PollerProvider provider() {
            return new FakeProvider("broken", null);
        }
    }

    private record FakeProvider(String name, @Nullable String unavailability)
            implements PollerProvider {
        @Override
        public int priority() {
            return 0;
        }

        @Override
        public int supportedEvents() {
            return 0;
        }

        @Override
        public Poller open() throws PollerException {
            throw new PollerException("open", "", -1, Errno.EIO, name);
        }

        @Override
        public Descriptors descriptors() {
            throw new IllegalStateException(name);
        }
    }
}
