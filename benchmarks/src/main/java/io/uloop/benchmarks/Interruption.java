package io.uloop.benchmarks;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;

/**
 * Lets Ctrl-C, or SIGTERM, end a run in good order: interrupts the thread that created this and
 * delays the end of the JVM until that thread has closed it. The JVM then ends with the usual code,
 * 128 plus the number of the signal.
 */
final class Interruption implements AutoCloseable {
    private final Thread thread = Thread.currentThread();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final PrintWriter err;
    private final Thread hook = new Thread(this::interrupt, "interruption");
    private boolean armed = true;

    /**
     * Starts to watch for the end of the JVM.
     *
     * @param err receives a line that says what happens
     */
    Interruption(PrintWriter err) {
        this.err = err;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void interrupt() {
        synchronized (this) {
            if (armed) {
                thread.interrupt();
            }
        }
        err.println();
        err.println("Stopping. What is done will be written ...");
        err.flush();
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops interrupting the thread, which has begun to write. Clears its interrupt. */
    synchronized void disarm() {
        armed = false;
        Thread.interrupted();
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending.
        }
    }
}
