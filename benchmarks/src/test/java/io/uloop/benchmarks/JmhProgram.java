package io.uloop.benchmarks;

import io.uloop.benchmarks.report.Effort;
import io.uloop.benchmarks.report.JmhStudy;
import io.uloop.benchmarks.report.Question;
import java.util.List;

/** Runs the command line with a JMH class that a test has compiled. */
final class JmhProgram {
    /** The benchmark, with a contender that fails. */
    static final String SOURCE =
            """
            package tiny;

            import java.util.concurrent.TimeUnit;
            import org.openjdk.jmh.annotations.*;

            @State(Scope.Thread)
            @BenchmarkMode(Mode.AverageTime)
            @OutputTimeUnit(TimeUnit.NANOSECONDS)
            public class Tiny {
                @Param({"epoll", "broken", "absent"})
                public String contender;

                @Param({"1", "10"})
                public int count;

                @Setup
                public void setUp() {
                    if (contender.equals("broken")) {
                        throw new IllegalStateException("broken on purpose");
                    }
                }

                @Benchmark
                public Object measure() {
                    return new byte[count];
                }
            }
            """;

    private JmhProgram() {}

    public static void main(String[] arguments) throws ClassNotFoundException {
        Question question = Question.lines("tiny", "Tiny", "What is it?", "ns", "count", "a count");
        JmhStudy study =
                JmhStudy.of("tiny", "tiny", Class.forName("tiny.Tiny"))
                        .measure("measure", question)
                        .at(Effort.QUICK, "count", "1")
                        .unavailability(name -> name.equals("absent") ? "not here" : null)
                        .build();
        System.exit(Bench.commandLine(List.of(study)).execute(arguments));
    }
}
