package io.uloop.benchmarks.report;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs studies one after the other and keeps what they have answered, even if the thread is
 * interrupted.
 *
 * <p>Thread-safe, because studies may report from their own threads. Call {@link #run} once.
 */
public final class Session {
    private static final String LOG = "bench.log";

    private final List<Study> studies;
    private final Effort effort;
    private final Path directory;
    private final ProgressLine line;
    private final Machine machine = Machine.here();
    private final Instant date = Instant.now();
    private final long start = System.nanoTime();
    private final Map<String, Answer> answers = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private boolean complete;

    /**
     * Creates a session.
     *
     * @param studies what to run
     * @param effort the effort
     * @param directory where the results go
     * @param out receives the progress
     * @param terminal whether that is a terminal, where one line shows the progress
     */
    public Session(
            List<Study> studies, Effort effort, Path directory, PrintWriter out, boolean terminal) {
        this.studies = List.copyOf(studies);
        this.effort = effort;
        this.directory = directory;
        line = new ProgressLine(out, terminal, expected(studies, effort));
    }

    /** Returns about how long studies run. */
    public static Duration expected(List<Study> studies, Effort effort) {
        return studies.stream()
                .map(study -> study.expected(effort))
                .reduce(Duration.ZERO, Duration::plus);
    }

    /**
     * Runs the studies. If the thread is interrupted, kills the processes that a study has started.
     * A study that cannot run is skipped, and a note says why. Until then, the standard streams of
     * this JVM go to a log beside the results.
     *
     * @return the results, which are incomplete if the thread was interrupted
     * @throws IOException if the log or the raw data cannot be written
     */
    public Results run() throws IOException {
        Files.createDirectories(directory);
        PrintStream standardOut = System.out;
        PrintStream standardErr = System.err;
        try (PrintStream log =
                new PrintStream(
                        Files.newOutputStream(directory.resolve(LOG)),
                        true,
                        StandardCharsets.UTF_8)) {
            System.setOut(log); // JMH prints the output of its forks there
            System.setErr(log);
            for (int i = 0; i < studies.size(); i++) {
                run(i, log);
                results().write(directory.resolve(Report.RESULTS));
            }
            complete();
        } catch (InterruptedException e) {
            ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
        } finally {
            System.setOut(standardOut);
            System.setErr(standardErr);
            clear();
        }
        return results();
    }

    private void run(int index, PrintStream log) throws InterruptedException {
        Study study = studies.get(index);
        try {
            study.run(effort, new StudyProgress(index, log), this::add);
        } catch (IOException e) {
            note(study.name() + ": " + e.getMessage());
            log.println(e);
        }
    }

    private synchronized void add(Answer answer) {
        answers.put(answer.question().id(), answer);
    }

    private synchronized void note(String note) {
        notes.add(note);
    }

    private synchronized void complete() {
        complete = true;
    }

    private synchronized void clear() {
        line.clear();
    }

    private synchronized Results results() {
        List<Answer> measured =
                answers.values().stream()
                        .filter(each -> !each.rows().isEmpty() || !each.notes().isEmpty())
                        .toList();
        return new Results(machine, date, effort, complete, measured, notes);
    }

    private synchronized void show(int index, double done, String step) {
        Study study = studies.get(index);
        Duration past = expected(studies.subList(0, index), effort);
        long current = (long) (study.expected(effort).toNanos() * done);
        String prefix = "[" + (index + 1) + "/" + studies.size() + "] " + study.name() + ": ";
        line.show(
                prefix + step,
                Duration.ofNanos(System.nanoTime() - start),
                past.plusNanos(current));
    }

    /** Shows the progress of one study. */
    private final class StudyProgress implements Progress {
        private final int index;
        private final PrintStream log;

        StudyProgress(int index, PrintStream log) {
            this.index = index;
            this.log = log;
        }

        @Override
        public void report(double done, String step) {
            show(index, done, step);
        }

        @Override
        public void log(String text) {
            log.println(text); // a PrintStream is thread-safe
        }
    }
}
