package io.uloop.benchmarks.question;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/** Waits for the end of threads. */
final class Threads {
    private Threads() {}

    /** Waits until a thread has ended. */
    static void join(Thread thread) throws InterruptedIOException {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw interrupted(thread.getName());
        }
    }

    /** Ends an executor without running what is left. */
    static void end(ExecutorService executor) throws IOException {
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IOException("the executor did not end");
            }
        } catch (InterruptedException e) {
            throw interrupted("the executor");
        }
    }

    /** Returns an exception for a wait that was interrupted. Keeps the interrupt. */
    static InterruptedIOException interrupted(String waitedFor) {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while waiting for " + waitedFor);
    }
}
