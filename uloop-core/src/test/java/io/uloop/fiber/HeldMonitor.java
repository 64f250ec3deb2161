package io.uloop.fiber;

import io.uloop.EachBackend;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;

/**
 * A monitor that another thread holds until the creator of this waits for it, or {@link #release}.
 */
final class HeldMonitor implements AutoCloseable {
    private final CountDownLatch held = new CountDownLatch(1);
    private final Thread creator = Thread.currentThread();
    private final Thread holder;
    private volatile boolean released;

    HeldMonitor(Object monitor) {
        holder =
                new Thread(
                        () -> {
                            synchronized (monitor) {
                                held.countDown();
                                Awaitility.await().atMost(EachBackend.DEADLINE).until(this::isOver);
                            }
                        });
    }

    private boolean isOver() {
        return released || creator.getState() == Thread.State.BLOCKED;
    }

    /** Lets the other thread enter the monitor, and waits until it has. */
    void hold() throws InterruptedException {
        holder.start();
        held.await();
    }

    void release() {
        released = true;
    }

    @Override
    public void close() {
        release();
        try {
            holder.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
