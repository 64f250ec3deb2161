package io.uloop.benchmarks;

import io.uloop.benchmarks.echo.ServerStudies;
import io.uloop.benchmarks.question.Questions;
import io.uloop.benchmarks.report.Study;
import io.uloop.benchmarks.turn.TurnStudy;
import java.util.ArrayList;
import java.util.List;

/** The studies of {@code uloop bench}, in the order in which they run. */
final class Studies {
    private Studies() {}

    static List<Study> all() {
        List<Study> all = new ArrayList<>(Questions.studies());
        all.add(new TurnStudy());
        all.addAll(ServerStudies.all());
        return all;
    }
}
