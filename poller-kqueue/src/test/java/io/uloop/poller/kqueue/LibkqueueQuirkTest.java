package io.uloop.poller.kqueue;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.PollerContract;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LibkqueueQuirkTest {
    @ParameterizedTest
    @EnumSource
    void quirksNameContractCases(LibkqueueQuirk quirk) {
        Stream<String> names =
                Arrays.stream(PollerContract.class.getDeclaredClasses())
                        .flatMap(area -> Arrays.stream(area.getSuperclass().getDeclaredMethods()))
                        .map(method -> method.getName());
        assertThat(names).containsAll(quirk.cases);
    }
}
