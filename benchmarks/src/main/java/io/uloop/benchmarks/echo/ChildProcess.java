package io.uloop.benchmarks.echo;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A process that answers lines: says {@code READY n} once it serves, and ends when its standard
 * input does, so that none is left behind. Its error output is ours.
 */
final class ChildProcess implements AutoCloseable {
    /** Beyond what the longest round needs. */
    private static final long PATIENCE_SECONDS = 120;

    private final String name;
    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter questions;
    private final long announced;

    private ChildProcess(String name, Process process) throws IOException {
        this.name = name;
        this.process = process;
        this.answers = process.inputReader();
        this.questions = process.outputWriter();
        this.announced = Long.parseLong(expect("READY ", answer()));
    }

    /**
     * Starts one and waits until it is ready.
     *
     * @param name for messages
     * @throws IOException if it cannot be started or ends before
     */
    static ChildProcess start(String name, List<String> command) throws IOException {
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try {
            return new ChildProcess(name, process);
        } catch (IOException | RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** What it said with READY: the port of a server. */
    int port() {
        return (int) announced;
    }

    long pid() {
        return process.pid();
    }

    /**
     * Sends a line and waits for the answer.
     *
     * @param prefix what the answer starts with
     * @return the rest of it
     * @throws IOException if it ends or answers otherwise
     */
    String ask(String question, String prefix) throws IOException {
        questions.write(question);
        questions.newLine();
        questions.flush();
        return expect(prefix, answer());
    }

    private @Nullable String answer() throws IOException {
        CompletableFuture<@Nullable String> line = CompletableFuture.supplyAsync(this::readLine);
        try {
            return line.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IOException(name + " has not answered in " + PATIENCE_SECONDS + " s", e);
        } catch (ExecutionException e) {
            throw new IOException("cannot hear " + name + ": " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + name, e);
        }
    }

    private @Nullable String readLine() {
        try {
            return answers.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String expect(String prefix, @Nullable String line) throws IOException {
        if (line == null) {
            throw new IOException(name + " has ended; see what it said above");
        }
        if (!line.startsWith(prefix)) {
            throw new IOException(name + " said '" + line + "', not '" + prefix + "...'");
        }
        return line.substring(prefix.length());
    }

    /** Ends it and waits until it is gone. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
