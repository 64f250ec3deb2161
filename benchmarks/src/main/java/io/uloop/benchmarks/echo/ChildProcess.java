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
 * A child process that answers requests line by line. It prints {@code READY n} when it is ready.
 * It exits at the end of its standard input, so none outlives this process. It inherits standard
 * error.
 */
final class ChildProcess implements AutoCloseable {
    /** Longer than the longest round. */
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
     * Starts a process and waits until it is ready.
     *
     * @param name the name in messages
     * @throws IOException if the process cannot be started or exits before it is ready
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

    /** {@return the number printed after READY, which is the port of a server} */
    int port() {
        return (int) announced;
    }

    long pid() {
        return process.pid();
    }

    /**
     * Sends a line and waits for the answer.
     *
     * @param prefix the expected start of the answer
     * @return the rest of the answer
     * @throws IOException if the process exits or its answer starts differently
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
            throw new IOException(name + " did not answer within " + PATIENCE_SECONDS + " s", e);
        } catch (ExecutionException e) {
            throw new IOException("cannot read the output of " + name + ": " + e.getCause(), e);
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
            throw new IOException(name + " exited; see its output above");
        }
        if (!line.startsWith(prefix)) {
            throw new IOException(name + " printed '" + line + "', expected '" + prefix + "...'");
        }
        return line.substring(prefix.length());
    }

    /** Kills the process and waits until it has exited. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
