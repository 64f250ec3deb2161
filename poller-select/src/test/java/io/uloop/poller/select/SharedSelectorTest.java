package io.uloop.poller.select;

import static io.uloop.poller.tck.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.nio.channels.Pipe;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeak.class)
@Timeout(300)
class SharedSelectorTest {
    private SharedSelector selector;

    @BeforeEach
    void open() throws IOException {
        selector = new SharedSelector();
    }

    @AfterEach
    void close() throws IOException {
        selector.close();
    }

    private Pipe registeredPipe() throws IOException {
        Pipe pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        selector.register(pipe.source());
        return pipe;
    }

    private void select(long timeoutNanos) throws IOException {
        selector.select(key -> {}, timeoutNanos);
    }

    private static FutureTask<Void> inBackground(FutureTask<Void> task) {
        Thread thread = new Thread(task, "waits in a selector");
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    @Test
    void handledInterruptDoesNotShortenWaitAndIsKept() throws IOException {
        long timeoutNanos = TimeUnit.MILLISECONDS.toNanos(20);
        Thread.currentThread().interrupt();
        try {
            long start = System.nanoTime();
            select(timeoutNanos);
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(timeoutNanos);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void releasedChannelHasNoKey() throws IOException {
        Pipe pipe = registeredPipe();
        assertThat(selector.key(pipe.source())).isNotNull();
        selector.release(pipe.source());
        assertThat(selector.key(pipe.source())).isNull();
        assertThat(pipe.source().isRegistered()).isFalse();
        pipe.source().close();
        pipe.sink().close();
    }

    @Test
    void releaseKeepsWakeupForNextWait() throws IOException {
        Pipe pipe = registeredPipe();
        selector.wakeup();
        selector.release(pipe.source());
        select(-1); // returns
        pipe.source().close();
        pipe.sink().close();
    }

    @Test
    void releaseReachesWaitingThread() throws Exception {
        Pipe pipe = registeredPipe();
        AtomicBoolean stop = new AtomicBoolean();
        FutureTask<Void> waiting =
                inBackground(
                        new FutureTask<>(
                                () -> {
                                    while (!stop.get()) {
                                        select(-1);
                                    }
                                    return null;
                                }));
        selector.release(pipe.source());
        until(() -> !pipe.source().isRegistered());
        stop.set(true);
        selector.wakeup();
        waiting.get(60, TimeUnit.SECONDS);
        pipe.source().close();
        pipe.sink().close();
    }

    @Test
    void releaseAfterCloseDoesNothing() throws IOException {
        Pipe pipe = registeredPipe();
        selector.close();
        selector.release(pipe.source());
        assertThat(pipe.source().isRegistered()).isFalse();
        pipe.source().close();
        pipe.sink().close();
    }

    @Test
    void releasesLoseNoWakeup() throws Exception {
        int rounds = 5_000;
        AtomicInteger woken = new AtomicInteger();
        AtomicInteger asked = new AtomicInteger();
        FutureTask<Void> waiting =
                inBackground(
                        new FutureTask<>(
                                () -> {
                                    while (woken.get() < rounds) {
                                        select(-1); // may return early and empty
                                        woken.set(asked.get());
                                    }
                                    return null;
                                }));
        AtomicBoolean stop = new AtomicBoolean();
        FutureTask<Void> releasing =
                inBackground(
                        new FutureTask<>(
                                () -> {
                                    while (!stop.get()) {
                                        Pipe pipe = registeredPipe();
                                        selector.release(pipe.source());
                                        pipe.source().close();
                                        pipe.sink().close();
                                    }
                                    return null;
                                }));
        for (int round = 1; round <= rounds; round++) {
            asked.set(round);
            selector.wakeup();
            for (int spins = 0; woken.get() < round && !waiting.isDone(); spins++) {
                if (spins < 1000) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.parkNanos(1); // the waiting thread may need this processor
                }
            }
        }
        waiting.get(60, TimeUnit.SECONDS);
        stop.set(true);
        releasing.get(60, TimeUnit.SECONDS);
        select(0);
    }
}
