package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.Backends;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs {@link CancellationFuzzer} on each usable backend in each mode of this JVM, briefly unless
 * the system property {@code uloop.fuzz.cancellations} has another number of operations. {@code
 * uloop.fuzz.seed} repeats a run.
 */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CancellationFuzzTest {
    private static final long OPERATIONS = Long.getLong("uloop.fuzz.cancellations", 5_000);

    private static final PollerProvider BACKEND = Backends.usable().get(0);
    private static final Duration LONG = Duration.ofDays(1);

    static Stream<Arguments> backendsAndModes() {
        return Backends.usable().stream()
                .flatMap(
                        backend ->
                                Arrays.stream(FiberMode.values())
                                        .filter(EachMode.Modes::isSupported)
                                        .map(mode -> Arguments.of(backend, mode)));
    }

    @ParameterizedTest
    @MethodSource("backendsAndModes")
    void cancellationLosesNothing(PollerProvider provider, FiberMode mode) throws Exception {
        long seed = Long.getLong("uloop.fuzz.seed", new SplittableRandom().nextLong());
        System.out.println("cancelling on " + provider.name() + ", " + mode + ", seed " + seed);
        Map<String, Long> outcomes = CancellationFuzzer.run(provider, mode, OPERATIONS, seed);
        assertThat(outcomes)
                .containsKeys(
                        "read: done",
                        "read: interrupted",
                        "read: timed out",
                        "write: interrupted",
                        "accept: interrupted",
                        "sleep: timed out");
    }

    private static void fuzz(PollerProvider faulty, CancellationFuzzer.Sabotage sabotage)
            throws Exception {
        CancellationFuzzer.run(
                faulty, FiberMode.best(), OPERATIONS, 1, Duration.ofSeconds(15), sabotage);
    }

    private static void fuzz(PollerProvider faulty) throws Exception {
        fuzz(faulty, fibers -> {});
    }

    @Test
    void findsLostByte() {
        FaultyBackend faulty = new FaultyBackend(BACKEND, "read", FaultyBackend::loseByte);
        assertThatThrownBy(() -> fuzz(faulty)).hasMessageContaining("of the stream is");
    }

    @Test
    void findsRepeatedByte() {
        FaultyBackend faulty = new FaultyBackend(BACKEND, "write", FaultyBackend::repeatByte);
        assertThatThrownBy(() -> fuzz(faulty)).hasMessageContaining("of the stream is");
    }

    @Test
    void findsOpenDescriptor() throws Exception {
        AtomicInteger left = new AtomicInteger(Descriptors.NONE);
        FaultyBackend faulty =
                new FaultyBackend(
                        BACKEND,
                        "close",
                        call ->
                                left.compareAndSet(Descriptors.NONE, call.number(0))
                                        ? null
                                        : call.proceed());
        try {
            assertThatThrownBy(() -> fuzz(faulty))
                    .hasMessageContaining("left behind: 0 registrations, 0 timers")
                    .hasMessageContaining(left + "=");
        } finally {
            BACKEND.descriptors().close(left.get());
        }
    }

    @Test
    void findsRegistration() throws Exception {
        Descriptors.Pipe pipe = BACKEND.descriptors().pipe();
        try {
            assertThatThrownBy(
                            () ->
                                    fuzz(
                                            BACKEND,
                                            fibers ->
                                                    fibers.loop()
                                                            .add(
                                                                    pipe.readEnd(),
                                                                    UEvent.IN,
                                                                    (fd, events) -> {})))
                    .hasMessageContaining("left behind: 1 registrations, 0 timers");
        } finally {
            BACKEND.descriptors().close(pipe.readEnd());
            BACKEND.descriptors().close(pipe.writeEnd());
        }
    }

    @Test
    void findsTimer() {
        assertThatThrownBy(() -> fuzz(BACKEND, fibers -> fibers.loop().callLater(LONG, () -> {})))
                .hasMessageContaining("left behind: 0 registrations, 1 timers");
    }

    @Test
    void findsFiber() {
        assertThatThrownBy(
                        () ->
                                fuzz(
                                        BACKEND,
                                        fibers -> fibers.start("stuck", () -> fibers.sleep(LONG))))
                .hasMessageContaining("no operation ends")
                .hasMessageContaining("stuck");
    }
}
