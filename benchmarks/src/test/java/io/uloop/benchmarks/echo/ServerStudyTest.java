package io.uloop.benchmarks.echo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.uloop.benchmarks.report.Answer;
import io.uloop.benchmarks.report.Effort;
import io.uloop.benchmarks.report.Study;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ServerStudyTest {
    private static final ServerStudies SMALL = new ServerStudies(5, 1 << 20, 20);
    private static final ServerStudy.Pace SHORT = new ServerStudy.Pace(1, 20, 20);
    private static final List<String> CHEAP = List.of("-XX:TieredStopAtLevel=1");

    static Stream<String> names() {
        return ServerStudies.all().stream().map(Study::name);
    }

    /** Runs one server in C, or one on the JVM without a compiler or for TLS. */
    @ParameterizedTest
    @MethodSource("names")
    void answersItsQuestions(String name) throws Exception {
        ServerStudy whole = study(name);
        boolean tls = name.equals("tls");
        if (!tls) {
            assumeThat(Programs.firstLine("cc", "--version")).as("C compiler").isNotNull();
        }
        ServerStudy study = whole.only(List.of(tls ? Contender.NETTY_NIO : Contender.C), 1);
        Map<String, Answer> answers = new LinkedHashMap<>();
        List<Double> progress = new ArrayList<>();

        study.run(
                SHORT,
                CHEAP,
                (done, step) -> progress.add(done),
                answer -> answers.put(answer.question().id(), answer));

        assertThat(answers).isNotEmpty();
        assertThat(answers.values())
                .allSatisfy(
                        answer -> {
                            assertThat(answer.rows()).hasSize(1);
                            assertThat(answer.rows().get(0).score()).isNotNegative();
                            String axis = answer.question().axis();
                            assertThat(
                                            axis == null
                                                    || answer.rows()
                                                            .get(0)
                                                            .parameters()
                                                            .containsKey(axis))
                                    .as("has a point on the axis")
                                    .isTrue();
                        });
        assertThat(progress).isSorted().allMatch(done -> done >= 0 && done <= 1);
    }

    @Test
    void notesHaveRatiosAndServersThatCannotRun() throws Exception {
        assumeThat(Programs.firstLine("cc", "--version")).as("C compiler").isNotNull();
        List<Answer> answers = new ArrayList<>();

        study("churn")
                .only(List.of(Contender.C, Contender.NIO), 1)
                .run(SHORT, CHEAP, (done, step) -> {}, answers::add);

        assertThat(answers)
                .singleElement()
                .satisfies(
                        answer ->
                                assertThat(answer.notes())
                                        .singleElement()
                                        .asString()
                                        .startsWith("TCP churn, 5 connections x 64 B, x c: nio "));
    }

    @Test
    void sampledFigureHasNoRatios() throws Exception {
        assumeThat(Programs.firstLine("cc", "--version")).as("C compiler").isNotNull();
        Map<String, Answer> answers = new LinkedHashMap<>();

        study("echo")
                .only(List.of(Contender.C, Contender.NIO), 1)
                .run(
                        new ServerStudy.Pace(3, 20, 20),
                        CHEAP,
                        (done, step) -> {},
                        answer -> answers.put(answer.question().id(), answer));

        assertThat(answers.get("echo").notes()).isNotEmpty();
        assertThat(answers.get("echo-user").notes()).isEmpty();
    }

    @Test
    void moreEffortTakesLonger() {
        for (Study study : ServerStudies.all()) {
            assertThat(study.expected(Effort.QUICK)).isLessThan(study.expected(Effort.NORMAL));
            assertThat(study.expected(Effort.NORMAL)).isLessThan(study.expected(Effort.FULL));
        }
    }

    private static ServerStudy study(String name) {
        return SMALL.studies().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
