package io.uloop.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

final class JmhStudyTest {
    /** A state with a parameter that an enum defines, used by the fixture of another state. */
    @State(Scope.Benchmark)
    public static class Inner {
        @Param public Effort effort = Effort.QUICK;
    }

    /** A state used by a method. */
    @State(Scope.Benchmark)
    public static class Outer {
        @Param({"epoll", "poll", "absent"})
        public String contender = "";

        @Setup
        public void setUp(Inner inner) {}
    }

    /** What has the form of a benchmark. */
    public static class Form {
        public void simple(Outer outer) {}

        public void fixed(Inner inner) {}
    }

    @Test
    void parametersOfAllStatesAreFound() {
        assertThat(JmhParameters.of(Form.class, "simple"))
                .containsOnlyKeys("contender", "effort")
                .containsEntry("effort", new String[] {"QUICK", "NORMAL", "FULL"});
    }

    @Test
    void forksAreCountedByMethodContenderAndValues() {
        JmhStudy study =
                study().measure("simple", Samples.POLL)
                        .measure("fixed", Samples.POLL, "contender", "c")
                        .at(Effort.QUICK, "effort", "FULL")
                        .unavailability(name -> name.equals("absent") ? "not here" : null)
                        .build();

        assertThat(study.forksPerRound(Effort.NORMAL)).isEqualTo(2 * 3 + 3);
        assertThat(study.forksPerRound(Effort.QUICK)).isEqualTo(2 + 1);
    }

    @Test
    void setUpOfEachForkCounts() {
        JmhStudy fast = study().measure("simple", Samples.POLL).build();
        JmhStudy slow =
                study().measure("simple", Samples.POLL).setUp(Duration.ofSeconds(1)).build();

        assertThat(slow.expected(Effort.QUICK).minus(fast.expected(Effort.QUICK)))
                .isEqualTo(Duration.ofSeconds(9));
    }

    @Test
    void availabilityIsLookedAtOnce() {
        List<String> asked = new ArrayList<>();
        JmhStudy study =
                study().measure("simple", Samples.POLL)
                        .unavailability(
                                name -> {
                                    asked.add(name);
                                    return null;
                                })
                        .build();

        study.expected(Effort.NORMAL);
        study.expected(Effort.FULL);

        assertThat(asked).containsExactly("epoll", "poll", "absent");
    }

    @Test
    void methodWithoutContenderIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> study().measure("fixed", Samples.POLL).build())
                .withMessageContaining("fixed needs a parameter contender");
    }

    @Test
    void unknownMethodIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> study().measure("missing", Samples.POLL).build())
                .withMessageContaining("Form has no public method missing");
    }

    private static JmhStudy.Builder study() {
        return JmhStudy.of("form", "form", Form.class);
    }
}
