package io.uloop.poller.tck.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.PollerProvider;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Runs {@link ContractFuzzer} for some seconds, and replays every sequence on which a backend once
 * failed. Write a subclass per backend, as for {@link io.uloop.poller.tck.PollerContract}. The
 * tests are skipped if the backend is not usable.
 *
 * @since 0.1
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Isolated("counts the open files of the process")
@Timeout(300)
public abstract class PollerFuzz {
    private static final long OPERATIONS = 25_000;

    /** Called by JUnit once per test. */
    protected PollerFuzz() {}

    /**
     * Returns the backend to test.
     *
     * @return a provider, whether usable here or not
     */
    protected abstract PollerProvider provider();

    @BeforeEach
    final void requireUsable() {
        String reason = provider().unavailability();
        assumeTrue(reason == null, reason);
    }

    @Test
    final void randomSequencesKeepTheContract() throws IOException {
        run(new SplittableRandom().nextLong());
    }

    @Test
    final void theSequencesOfOneSeedKeepTheContract() throws IOException {
        run(1);
    }

    private void run(long seed) throws IOException {
        System.out.println("fuzzing " + provider().name() + " with seed " + seed);
        FuzzReport report = ContractFuzzer.run(List.of(provider()), seed, OPERATIONS);
        assertTrue(report.backends().get(0).events() > OPERATIONS / 10, report::toString);
    }

    @Test
    final void kernelIsAskedAfterTheLeftoversOfAThrowingSink() throws IOException {
        ContractFuzzer.replay(
                provider(),
                """
                open UNIX d0 d1
                add d0 OUT
                open UNIX d2 d3
                add d2 OUT
                poll 0
                poll 0 { 1: throw }
                modify d2 NONE
                poll 0
                """);
    }

    /** The kernel may still have an entry of the closed descriptor, for the same file. */
    @Test
    final void numberReusedForTheSameFileIsAddedAnew() throws IOException {
        for (String interest : List.of("NONE", "IN")) {
            ContractFuzzer.replay(
                    provider(),
                    """
                    open PIPE d0 d1
                    dup d0 d2
                    add d2 IN
                    close d2
                    remove d2
                    dup d0 d3
                    add d3 INTEREST
                    write d1 1
                    poll 0
                    poll 1000000
                    modify d3 OUT|IN
                    poll 0
                    remove d3
                    poll 0
                    """
                            .replace("INTEREST", interest));
        }
    }

    /**
     * A rebuilt epoll set gets the lowest free number, which may be that of a closed descriptor.
     */
    @Test
    final void descriptorClosedWhileRegisteredLeavesOthersAlone() throws IOException {
        ContractFuzzer.replay(
                provider(),
                """
                open PIPE d0 d1
                open PIPE d2 d3
                open PIPE d4 d5
                add d0 PRI
                add d3 OUT
                add d5 OUT
                poll 0 { 1: close d0 }
                poll 0 { 1: close d5 }
                poll 0
                """);
    }
}
