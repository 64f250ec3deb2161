package io.uloop.benchmarks.report;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;

/**
 * A run of JMH that can be interrupted. JMH itself reports the interrupt as the failure of a fork,
 * leaves that fork running and starts the next one.
 */
final class JmhRun {
    private final Options options;
    private final JmhOutput output;
    private volatile @Nullable Throwable failure;

    JmhRun(Options options, JmhOutput output) {
        this.options = options;
        this.output = output;
    }

    /**
     * Runs JMH.
     *
     * @throws IOException if JMH cannot run
     * @throws InterruptedException if the thread is interrupted; the forks have ended then
     */
    void call() throws IOException, InterruptedException {
        Thread thread = new Thread(this::run, "jmh");
        thread.setDaemon(true);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            output.stop();
            ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
            thread.join();
            throw e;
        }
        Throwable thrown = failure;
        if (thrown != null) {
            throw new IOException("JMH failed: " + thrown.getMessage(), thrown);
        }
    }

    private void run() {
        try {
            new Runner(options, output).run();
        } catch (JmhOutput.StoppedException e) {
            return; // as asked
        } catch (RunnerException | RuntimeException | Error e) {
            failure = e;
        }
    }
}
