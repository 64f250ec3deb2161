package io.uloop.poller.tck;

import io.uloop.poller.tck.arch.ClassGraph;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests which packages and classes of this module know each other. */
class ArchitectureTest {
    private static final String CONTRACT = "io.uloop.poller.tck";
    private static final String FUZZ = "io.uloop.poller.tck.fuzz";
    private static final String ARCH = "io.uloop.poller.tck.arch";

    private final ClassGraph graph = ClassGraph.of(ArchitectureTest.class, CONTRACT);

    @Test
    void packagesUseOnlyThoseBelowThem() {
        graph.assertArrows(Map.of(CONTRACT, Set.of(), FUZZ, Set.of(CONTRACT), ARCH, Set.of()));
    }

    @Test
    void noKnotInsideAPackageHasMoreThanFiveClasses() {
        graph.assertKnotsAtMost(5);
    }
}
