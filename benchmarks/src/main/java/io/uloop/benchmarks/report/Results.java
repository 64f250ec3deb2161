package io.uloop.benchmarks.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The results of a run.
 *
 * @param machine the environment
 * @param date the start of the run
 * @param effort the effort
 * @param complete whether everything that was asked for has been measured
 * @param answers the answers, in the order of their studies
 * @param notes what a reader must know about the run, as in the studies that could not run; often
 *     empty
 */
public record Results(
        Machine machine,
        Instant date,
        Effort effort,
        boolean complete,
        List<Answer> answers,
        List<String> notes) {
    private static final Gson GSON =
            new GsonBuilder()
                    .registerTypeAdapter(Instant.class, new InstantAdapter().nullSafe())
                    .setPrettyPrinting()
                    .disableHtmlEscaping()
                    .create();

    /** Copies the lists. */
    public Results {
        Objects.requireNonNull(machine, "machine is missing");
        Objects.requireNonNull(date, "date is missing");
        Objects.requireNonNull(effort, "effort is missing");
        answers = List.copyOf(Objects.requireNonNull(answers, "answers are missing"));
        notes = List.copyOf(Objects.requireNonNull(notes, "notes are missing"));
    }

    /**
     * Reads results that {@link #write} wrote.
     *
     * @throws IOException if the file cannot be read or holds something else
     */
    public static Results read(Path file) throws IOException {
        String json = Files.readString(file);
        try {
            Results results = GSON.fromJson(json, Results.class);
            if (results != null) {
                return results;
            }
        } catch (RuntimeException e) { // of a record's constructor, too
            throw new IOException(file + " holds no results of uloop bench: " + reason(e), e);
        }
        throw new IOException(file + " is empty; it holds no results of uloop bench");
    }

    /** Returns the notes of the run, and those that more than one answer has. */
    List<String> commonNotes() {
        Set<String> seen = new HashSet<>();
        Set<String> common = new LinkedHashSet<>(notes);
        for (Answer answer : answers) {
            answer.notes().stream().filter(note -> !seen.add(note)).forEach(common::add);
        }
        return List.copyOf(common);
    }

    /** Returns the notes that only this answer has. */
    List<String> notesOf(Answer answer) {
        List<String> own = new ArrayList<>(answer.notes());
        own.removeAll(commonNotes());
        return own;
    }

    private static String reason(RuntimeException failure) {
        Throwable deepest = failure;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return String.valueOf(deepest.getMessage()).lines().findFirst().orElse("");
    }

    /**
     * Writes the results as JSON.
     *
     * @throws IOException if the file cannot be written
     */
    public void write(Path file) throws IOException {
        Files.writeString(file, GSON.toJson(this) + "\n");
    }

    /** Writes an instant as in {@code 2026-01-31T12:00:00Z}. */
    private static final class InstantAdapter extends TypeAdapter<Instant> {
        @Override
        public void write(JsonWriter out, Instant value) throws IOException {
            out.value(value.toString());
        }

        @Override
        public Instant read(JsonReader in) throws IOException {
            String text = in.nextString();
            try {
                return Instant.parse(text);
            } catch (DateTimeParseException e) {
                throw new JsonParseException("'" + text + "' is no date", e);
            }
        }
    }
}
