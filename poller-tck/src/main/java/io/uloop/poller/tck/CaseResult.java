package io.uloop.poller.tck;

import org.jspecify.annotations.Nullable;

/** The outcome of one case on one backend: a line of the backend's file. */
record CaseResult(int number, Outcome outcome, @Nullable String reason) {
    String toLine() {
        String words = reason == null ? "" : reason.replaceAll("\\s+", " ");
        return number + "\t" + outcome + "\t" + words;
    }

    static CaseResult ofLine(String line) {
        String[] fields = line.split("\t", 3);
        if (fields.length != 3) {
            throw new IllegalArgumentException("cannot parse the outcome of a case: " + line);
        }
        return new CaseResult(
                Integer.parseInt(fields[0]),
                Outcome.valueOf(fields[1]),
                fields[2].isEmpty() ? null : fields[2]);
    }
}
