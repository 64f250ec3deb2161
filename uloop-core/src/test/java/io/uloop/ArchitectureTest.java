package io.uloop;

import static java.util.Map.entry;

import io.uloop.poller.tck.arch.ClassGraph;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** Tests which packages and classes know each other, as docs/architecture.md has it. */
class ArchitectureTest {
    private static final String OWNER = "io.uloop.owner";
    private static final String OBSERVE = "io.uloop.observe";
    private static final String MEMORY = "io.uloop.memory";
    private static final String INTERNAL = "io.uloop.internal";
    private static final String LOOP = "io.uloop";
    private static final String DESCRIPTOR = "io.uloop.descriptor";
    private static final String NET = "io.uloop.net";
    private static final String STREAM = "io.uloop.stream";
    private static final String SOURCE = "io.uloop.source";
    private static final String TERMINAL = "io.uloop.terminal";
    private static final String PROCESS = "io.uloop.process";
    private static final String CONNECTION = "io.uloop.connection";
    private static final String FRAMES = "io.uloop.connection.frames";
    private static final String FIBER = "io.uloop.fiber";
    private static final String GROUP = "io.uloop.group";
    private static final String LIVE = "io.uloop.live";

    private static final Map<String, Set<String>> ALLOWED =
            Map.ofEntries(
                    entry(OWNER, Set.of()),
                    entry(OBSERVE, Set.of()),
                    entry(MEMORY, Set.of(OBSERVE)),
                    entry(INTERNAL, Set.of(MEMORY, OBSERVE)),
                    entry(LOOP, Set.of(INTERNAL, MEMORY, OBSERVE, OWNER)),
                    entry(DESCRIPTOR, Set.of(LOOP, INTERNAL, OBSERVE, OWNER)),
                    entry(NET, Set.of(LOOP, DESCRIPTOR, OBSERVE, OWNER)),
                    entry(STREAM, Set.of(LOOP, DESCRIPTOR)),
                    entry(SOURCE, Set.of(LOOP, STREAM, OBSERVE)),
                    entry(
                            PROCESS,
                            Set.of(LOOP, INTERNAL, DESCRIPTOR, NET, STREAM, SOURCE, OBSERVE)),
                    entry(TERMINAL, Set.of(LOOP, STREAM, SOURCE, PROCESS, OBSERVE)),
                    entry(CONNECTION, Set.of(LOOP, INTERNAL, MEMORY, NET, DESCRIPTOR, OBSERVE)),
                    entry(FRAMES, Set.of(CONNECTION, INTERNAL, LOOP, MEMORY, OBSERVE)),
                    entry(
                            FIBER,
                            Set.of(LOOP, INTERNAL, MEMORY, DESCRIPTOR, NET, CONNECTION, OBSERVE)),
                    entry(GROUP, Set.of(LOOP, INTERNAL, MEMORY, NET, OBSERVE)),
                    entry(LIVE, Set.of(LOOP, INTERNAL, OBSERVE, NET, CONNECTION, GROUP)));

    /** Packages of other modules, which may share the class path. */
    private static final String[] OTHERS = {
        "io.uloop.poller",
        "io.uloop.test",
        "io.uloop.examples",
        "io.uloop.cli",
        "io.uloop.benchmarks"
    };

    private final ClassGraph graph = ClassGraph.of(ArchitectureTest.class, LOOP, OTHERS);

    @Test
    void packagesUseOnlyThoseBelowThem() {
        graph.assertArrows(ALLOWED);
    }

    @Test
    void noPackagesUseEachOther() {
        graph.assertNoPackageCycle();
    }

    @Test
    void noKnotInsideAPackageHasMoreThanFiveClasses() {
        graph.assertKnotsAtMost(5);
    }

    @Test
    void loopHasAtMost32PublicMethods() {
        List<Method> methods =
                Arrays.stream(Uloop.class.getDeclaredMethods())
                        .filter(each -> Modifier.isPublic(each.getModifiers()))
                        .toList();
        Assertions.assertThat(methods).hasSizeLessThanOrEqualTo(32);
    }
}
