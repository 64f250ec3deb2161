package io.uloop.poller.tck.fuzz;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The faults that are found by waiting in vain for a wakeup. They take ten seconds each and are in
 * a class of their own so that {@link ContractFuzzerTest} runs beside it.
 */
class LostWakeupFuzzTest {
    @ParameterizedTest
    @EnumSource(names = {"WAKEUP_IS_LOST", "WAKEUP_WHILE_WAITING_IS_LOST"})
    void aFaultIsFoundAndCutDownToFewSteps(Fault fault) {
        ContractFuzzerTest.assertFoundAndCutDown(fault);
    }
}
