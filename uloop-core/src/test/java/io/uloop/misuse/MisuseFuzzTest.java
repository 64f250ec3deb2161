package io.uloop.misuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.PollerProvider;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs {@link MisuseFuzzer} briefly on each usable backend. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MisuseFuzzTest {
    private static final long CALLS = 20_000;

    @ParameterizedTest
    @MethodSource("io.uloop.poller.tck.Backends#named")
    void misuseEndsInExceptions(PollerProvider provider) throws Exception {
        long seed = new SplittableRandom().nextLong();
        System.out.println("misusing " + provider.name() + " with seed " + seed);
        Map<String, Long> outcomes = MisuseFuzzer.run(provider, CALLS, seed);
        assertThat(outcomes).containsKeys("read: done", "write: done", "Poller.add: done");
        assertThat(outcomes.values().stream().mapToLong(Long::longValue).sum())
                .isGreaterThan(CALLS / 2);
    }
}
