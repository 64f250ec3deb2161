package io.uloop.poller.tck.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ClassGraphTest {
    private static final String TCK = "io.uloop.poller.tck";

    private final ClassGraph graph = ClassGraph.of(ClassGraphTest.class, TCK);

    private static List<SortedSet<String>> knots(Map<String, Set<String>> arrows) {
        return Knots.of(new TreeMap<>(arrows));
    }

    @Test
    void knotsAreTheStronglyConnectedComponents() {
        assertThat(
                        knots(
                                Map.of(
                                        "a", Set.of("b"),
                                        "b", Set.of("c", "x"),
                                        "c", Set.of("a"),
                                        "d", Set.of("a", "e"),
                                        "e", Set.of("d"),
                                        "f", Set.of("e"))))
                .extracting(String::valueOf)
                .containsExactly("[a, b, c]", "[d, e]");
        assertThat(knots(Map.of("a", Set.of("b", "c"), "b", Set.of("c"), "c", Set.of()))).isEmpty();
    }

    @Test
    void graphHasMainClassesWithoutTestsAndNestedClasses() {
        assertThat(graph.packages())
                .containsEntry(TCK + ".arch", new TreeSet<>())
                .extractingByKey(TCK + ".fuzz")
                .asString()
                .isEqualTo("[" + TCK + "]");
        assertThat(graph.knots().toString()).doesNotContain("Test").doesNotContain("$");
    }

    @Test
    void exceptLeavesPackagesOut() {
        assertThat(ClassGraph.of(ClassGraphTest.class, TCK, TCK + ".fuzz").packages())
                .containsOnlyKeys(TCK, TCK + ".arch");
    }

    @Test
    void forbiddenArrowIsNamedWithItsClasses() {
        Map<String, Set<String>> none =
                Map.of(TCK, Set.of(), TCK + ".arch", Set.of(), TCK + ".fuzz", Set.of());
        assertThatThrownBy(() -> graph.assertArrows(none))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(TCK + ".fuzz -> " + TCK + ": ")
                .hasMessageContaining(" uses OpenDescriptors");
        assertThatThrownBy(() -> graph.assertArrows(Map.of(TCK, Set.of())))
                .hasMessageContaining(TCK + ".fuzz is not in the table");
    }

    @Test
    void knotAboveTheLimitIsNamed() {
        int largest = graph.knots().get(0).size();
        graph.assertKnotsAtMost(largest);
        assertThatThrownBy(() -> graph.assertKnotsAtMost(largest - 1))
                .hasMessageContaining("knots of more than " + (largest - 1) + " classes");
    }

    @Test
    void unknownPackageIsRejected() {
        assertThatThrownBy(() -> ClassGraph.of(ClassGraphTest.class, "io.uloop.nowhere"))
                .hasMessage("no classes in package io.uloop.nowhere");
    }

    @Test
    void tckHasNoPackageCycle() {
        graph.assertNoPackageCycle();
    }
}
