package io.uloop.benchmarks;

import io.uloop.benchmarks.report.Study;
import io.uloop.benchmarks.turn.TurnStudy;
import java.util.List;

/** The studies of {@code uloop bench}, in the order in which they run. */
final class Studies {
    private Studies() {}

    static List<Study> all() {
        return List.of(new TurnStudy());
    }
}
