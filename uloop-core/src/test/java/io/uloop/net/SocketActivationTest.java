package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.net.SocketActivation.Passed;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The environment of passed descriptors. An example runs with real ones. */
class SocketActivationTest {
    private static final long PID = 42;

    private static List<Passed> of(String... variables) {
        Map<String, String> environment = new HashMap<>();
        for (int i = 0; i < variables.length; i += 2) {
            environment.put(variables[i], variables[i + 1]);
        }
        return SocketActivation.of(environment, PID);
    }

    @Test
    void descriptorsStartAtThreeWithTheirNames() {
        assertThat(of("LISTEN_PID", "42", "LISTEN_FDS", "3", "LISTEN_FDNAMES", "http::admin"))
                .containsExactly(new Passed(3, "http"), new Passed(4, ""), new Passed(5, "admin"));
    }

    @Test
    void descriptorsWithoutNamesAreUnknown() {
        assertThat(of("LISTEN_PID", "42", "LISTEN_FDS", "2"))
                .containsExactly(new Passed(3, "unknown"), new Passed(4, "unknown"));
    }

    @Test
    void nothingIsPassedToOtherProcessesOrWithoutTheVariables() {
        assertThat(of()).isEmpty();
        assertThat(of("LISTEN_PID", "42")).isEmpty();
        assertThat(of("LISTEN_FDS", "1")).isEmpty();
        assertThat(of("LISTEN_PID", "41", "LISTEN_FDS", "1")).isEmpty();
        assertThat(of("LISTEN_PID", "42", "LISTEN_FDS", "0")).isEmpty();
        assertThat(of("LISTEN_PID", "42", "LISTEN_FDS", "0", "LISTEN_FDNAMES", "")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "x, 1, a, LISTEN_PID=x",
        "-1, 1, a, LISTEN_PID=-1",
        "42, one, a, LISTEN_FDS=one",
        "42, -1, a, LISTEN_FDS=-1",
        "42, 2147483645, a, LISTEN_FDS=2147483645",
        "42, 99999999999999999999, a, LISTEN_FDS=99999999999999999999",
        "42, 1, a:b, LISTEN_FDNAMES=a:b: 2 names for 1 descriptors",
        "42, 2, a, LISTEN_FDNAMES=a: 1 names for 2 descriptors"
    })
    void malformedEnvironmentNamesTheVariable(
            String pid, String count, String names, String message) {
        assertThatThrownBy(
                        () -> of("LISTEN_PID", pid, "LISTEN_FDS", count, "LISTEN_FDNAMES", names))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void thisProcessWasPassedNothing() {
        assertThat(SocketActivation.descriptors()).isEmpty();
    }
}
