package io.uloop.poller.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class SpinLockTest {
    private final SpinLock lock = new SpinLock();
    private int count;

    @Test
    void oneThreadAtATimeHoldsIt() throws InterruptedException {
        Thread first = new Thread(this::countUp);
        Thread second = new Thread(this::countUp);
        first.start();
        second.start();
        first.join();
        second.join();
        assertThat(count).isEqualTo(200_000);
    }

    @Test
    void waitKeepsAnInterrupt() throws InterruptedException {
        CountDownLatch waits = new CountDownLatch(1);
        boolean[] interrupted = new boolean[1];
        lock.lock();
        Thread waiter =
                new Thread(
                        () -> {
                            Thread.currentThread().interrupt();
                            waits.countDown();
                            lock.lock();
                            interrupted[0] = Thread.interrupted();
                            lock.unlock();
                        });
        waiter.start();
        waits.await();
        lock.unlock();
        waiter.join();
        assertThat(interrupted[0]).isTrue();
    }

    private void countUp() {
        for (int i = 0; i < 100_000; i++) {
            lock.lock();
            count++;
            lock.unlock();
        }
    }
}
