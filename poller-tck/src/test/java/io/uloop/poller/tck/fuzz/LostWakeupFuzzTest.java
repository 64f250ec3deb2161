package io.uloop.poller.tck.fuzz;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Lost wakeups, which the fuzzer finds by waiting in vain. They take ten seconds each, so they are
 * in a separate class that runs in parallel with {@link ContractFuzzerTest}.
 */
class LostWakeupFuzzTest {
    @ParameterizedTest
    @EnumSource(names = {"WAKEUP_OF_ITS_OWN_THREAD_IS_LOST", "WAKEUP_OF_ANOTHER_THREAD_IS_LOST"})
    void findsAndShrinksFault(Fault fault) {
        ContractFuzzerTest.assertFoundAndCutDown(fault);
    }
}
