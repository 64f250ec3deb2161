package io.uloop.poller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpawnRequestTest {
    private static SpawnRequest request(
            List<String> command, long group, Map<Integer, Integer> descriptors) {
        return new SpawnRequest(command, Map.of("A", "b"), null, null, group, descriptors);
    }

    @Test
    void groupIsAnIdOrTheSame() {
        for (long group : new long[] {0, 1, Integer.MAX_VALUE, SpawnRequest.SAME_GROUP}) {
            assertThat(request(List.of("true"), group, Map.of()).group()).isEqualTo(group);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-2, Integer.MAX_VALUE + 1L, Long.MIN_VALUE})
    void otherGroupsAreRejected(long group) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> request(List.of("true"), group, Map.of()))
                .withMessageContaining(group + " is not the id of a process group");
    }

    @Test
    void commandAndDescriptorsAreChecked() {
        assertThatIllegalArgumentException().isThrownBy(() -> request(List.of(), 0, Map.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> request(List.of("a\0b"), 0, Map.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> request(List.of("a"), 0, Map.of(-1, 1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> request(List.of("a"), 0, Map.of(1, -1)));
    }
}
