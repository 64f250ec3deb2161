package io.uloop.poller.posix;

import io.uloop.poller.tck.arch.ClassGraph;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final String ROOT = "io.uloop.poller.posix";
    private static final String CALL = ROOT + ".call";
    private static final String MEMORY = ROOT + ".memory";
    private static final String FILE = ROOT + ".file";
    private static final String SOCKET = ROOT + ".socket";
    private static final String PROCESS = ROOT + ".process";

    private final ClassGraph graph = ClassGraph.of(ArchitectureTest.class, ROOT);

    @Test
    void packagesUseOnlyWhatIsBelowThem() {
        graph.assertArrows(
                Map.of(
                        CALL, Set.of(),
                        MEMORY, Set.of(CALL),
                        FILE, Set.of(CALL, MEMORY),
                        SOCKET, Set.of(CALL, MEMORY, FILE),
                        PROCESS, Set.of(CALL, MEMORY, FILE),
                        ROOT, Set.of(CALL, MEMORY, FILE, SOCKET, PROCESS)));
        graph.assertNoPackageCycle();
    }

    @Test
    void knotsAreSmall() {
        graph.assertKnotsAtMost(5);
    }
}
