package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Runs a loop on its own thread until the run ends or the test does. */
public final class LoopThread implements AutoCloseable {
    private final Uloop loop;
    private final Thread thread;
    private volatile Throwable failure;

    /** Starts the thread and waits until the loop runs. */
    public LoopThread(Uloop loop) {
        this.loop = loop;
        thread = new Thread(this::run, "loop of the test");
        thread.setDaemon(true);
        CountDownLatch running = new CountDownLatch(1);
        loop.execute(running::countDown);
        thread.start();
        await(running);
    }

    private void run() {
        try {
            loop.run();
        } catch (IOException
                | RuntimeException
                | Error e) { // includes failed assertions of handlers
            failure = e;
        }
    }

    /** Waits until the run has ended. The caller must make it end. */
    public void join() {
        try {
            thread.join(TimeUnit.SECONDS.toMillis(20));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(thread.isAlive()).as("the loop still runs").isFalse();
        assertThat(failure).isNull();
    }

    /** Waits for a latch with a deadline. */
    public static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        loop.stop();
        join();
    }
}
