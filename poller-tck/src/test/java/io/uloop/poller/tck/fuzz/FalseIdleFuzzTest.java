package io.uloop.poller.tck.fuzz;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Pollers whose {@code fd()} looks idle, which the fuzzer finds by waiting in vain. They take ten
 * seconds each, so they are in a separate class, as those of {@link LostWakeupFuzzTest}.
 */
class FalseIdleFuzzTest {
    @ParameterizedTest
    @EnumSource(names = {"A_POLLER_WITH_EVENTS_LOOKS_IDLE", "A_WOKEN_POLLER_LOOKS_IDLE"})
    void findsAndShrinksFault(Fault fault) {
        ContractFuzzerTest.assertFoundAndCutDown(fault);
    }
}
