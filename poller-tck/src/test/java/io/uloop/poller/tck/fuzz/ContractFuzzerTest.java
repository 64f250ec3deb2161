package io.uloop.poller.tck.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Checks that the fuzzer finds each fault of a fake backend, shrinks it to a few steps, and reports
 * no fault for a correct backend.
 */
class ContractFuzzerTest {
    private static final long OPERATIONS = 300_000;
    private static final int FEW_STEPS = 11;

    private static final Pattern SEQUENCE =
            Pattern.compile("\"\"\"\n(.*)\n    \"\"\"", Pattern.DOTALL);

    @Test
    void correctBackendPasses() throws IOException {
        FuzzReport report = ContractFuzzer.run(List.of(new FakeKernel(Fault.NONE)), 1, OPERATIONS);
        FuzzReport.BackendCount count = report.backends().get(0);
        assertThat(count.operations()).isGreaterThanOrEqualTo(OPERATIONS);
        assertThat(count.events()).isGreaterThan(OPERATIONS / 10);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {
                "NONE",
                "LEAKS_WHEN_CLOSED",
                "WAKEUP_OF_ITS_OWN_THREAD_IS_LOST", // this and the next are in LostWakeupFuzzTest
                "WAKEUP_OF_ANOTHER_THREAD_IS_LOST",
                "A_POLLER_WITH_EVENTS_LOOKS_IDLE", // this and the next are in FalseIdleFuzzTest
                "A_WOKEN_POLLER_LOOKS_IDLE"
            })
    void findsAndShrinksFault(Fault fault) {
        assertFoundAndCutDown(fault);
    }

    static void assertFoundAndCutDown(Fault fault) {
        Throwable failure =
                catchThrowable(
                        () -> ContractFuzzer.run(List.of(new FakeKernel(fault)), 2, OPERATIONS));
        assertThat(failure).isInstanceOf(AssertionError.class);
        assertThat(fault.rules)
                .as(failure.getMessage())
                .anyMatch(rule -> failure.getMessage().contains("contract, " + rule + ": "));
        String sequence = sequence(failure);
        assertThat(Script.parse(sequence).size()).isLessThanOrEqualTo(FEW_STEPS);
        assertThatThrownBy(() -> ContractFuzzer.replay(new FakeKernel(fault), sequence))
                .isInstanceOf(AssertionError.class);
        assertThatCode(() -> ContractFuzzer.replay(new FakeKernel(Fault.NONE), sequence))
                .doesNotThrowAnyException();
    }

    @Test
    void findsDescriptorLeak() throws IOException {
        FakeKernel kernel = new FakeKernel(Fault.LEAKS_WHEN_CLOSED);
        assertThatThrownBy(
                        () ->
                                ContractFuzzer.run(
                                        List.of(kernel), 3, 5000, Duration.ZERO, progress -> {}))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("open descriptors");
        kernel.closeLeaked();
    }

    private static String sequence(Throwable failure) {
        Matcher matcher = SEQUENCE.matcher(failure.getMessage());
        assertThat(matcher.find()).as(failure.getMessage()).isTrue();
        return matcher.group(1);
    }
}
