package io.uloop.benchmarks.echo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/** The dialog of a load generator in Java, as load.h describes it. Supports closed loops only. */
final class LoadDialog {
    private LoadDialog() {}

    /** Generates load. */
    @FunctionalInterface
    interface Run {
        /** Runs for a time and returns the answer, see {@link #done}. */
        String run(long millis) throws IOException;
    }

    /** Answers every line {@code run MILLIS RATE} until the end of standard input. */
    static void obey(Run run) throws IOException {
        System.out.println("READY 0");
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = lines.readLine()) != null && line.startsWith("run "); ) {
            System.out.println(run.run(Long.parseLong(line.split(" ", -1)[1])));
        }
    }

    /** Formats the result of a run. */
    static String done(Histogram latencies, long nanos, long lost) {
        StringBuilder answer = new StringBuilder("DONE ");
        answer.append(latencies.getTotalCount()).append(' ').append(nanos);
        answer.append(' ').append(lost);
        for (HistogramIterationValue value : latencies.recordedValues()) {
            answer.append(' ').append(value.getValueIteratedTo());
            answer.append(':').append(value.getCountAtValueIteratedTo());
        }
        return answer.toString();
    }
}
