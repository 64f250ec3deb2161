package io.uloop.benchmarks;

import io.uloop.benchmarks.report.Answer;
import io.uloop.benchmarks.report.Effort;
import io.uloop.benchmarks.report.Progress;
import io.uloop.benchmarks.report.Question;
import io.uloop.benchmarks.report.Row;
import io.uloop.benchmarks.report.Study;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A study that answers at once with a fixed score, or fails. */
record FixedStudy(String name, boolean runsByDefault, double score) implements Study {
    @Override
    public String summary() {
        return "summary of " + name;
    }

    @Override
    public Duration expected(Effort effort) {
        return Duration.ofSeconds(effort == Effort.QUICK ? 1 : 200);
    }

    @Override
    public void run(Effort effort, Progress progress, Consumer<Answer> sink) throws IOException {
        progress.report(0.5, "step of " + effort);
        if (score < 0) {
            throw new IOException("needs a kernel; install one");
        }
        Question question = Question.bars(name, "Title of " + name, "What does it cost?", "ns");
        sink.accept(
                new Answer(
                        question, List.of(new Row("epoll", Map.of(), score, score, score, 0.0))));
    }
}
