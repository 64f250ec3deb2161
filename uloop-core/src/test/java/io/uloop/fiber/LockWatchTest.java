package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.Timer;
import io.uloop.Uloop;
import io.uloop.poller.tck.ChildJava;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Locks that fibers on the loop's thread share with callbacks of the loop and other threads. */
class LockWatchTest {
    private final Lock lock = new ReentrantLock();
    private final Object monitor = new Object();

    @BeforeEach
    void requireMode() {
        assumeTrue(EachMode.Modes.isSupported(FiberMode.LOOP), "fibers on the loop's thread");
    }

    @Test
    void callbackGetsALockBehindAFiber() throws Exception {
        assertThatCallbackGetsIn(this::inLock);
    }

    @Test
    void callbackGetsAMonitorBehindAFiber() throws Exception {
        assertThatCallbackGetsIn(this::inMonitor);
    }

    @Test
    void fiberCallbackAndThreadShareALock() throws Exception {
        assertThatThreeProceed(this::inLock);
    }

    @Test
    void fiberCallbackAndThreadShareAMonitor() throws Exception {
        assertThatThreeProceed(this::inMonitor);
    }

    /** A fiber in the initializer of a class is pinned. */
    @Test
    void pinnedFiberGetsALockBehindAFiber() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        List<String> order = new CopyOnWriteArrayList<>();
        try (Uloop loop = Uloop.open()) {
            Thread runner = Thread.currentThread();
            Fibers fibers = Fibers.on(loop, FiberMode.LOOP);
            Thread other =
                    new Thread(
                            () ->
                                    inLock(
                                            () -> {
                                                inside.countDown();
                                                awaitBlocked(runner, runner);
                                            }));
            PinnedCode.code = () -> inLock(() -> order.add("pinned"));
            fibers.start(
                    "first",
                    () -> {
                        other.start();
                        awaitQuietly(inside);
                        fibers.start("pinned", () -> assertThat(PinnedCode.hasRun()).isTrue());
                        inLock(() -> order.add("first"));
                    });
            fibers.run();
            other.join();
        }
        assertThat(order).containsExactly("first", "pinned");
    }

    private static final class PinnedCode {
        static Runnable code = () -> {};

        static boolean hasRun() {
            return Initialized.DONE;
        }

        private static final class Initialized {
            static final boolean DONE;

            static {
                code.run();
                DONE = true;
            }
        }
    }

    /** Its lock has a condition, for which the fiber waits. */
    @Test
    void fiberCallbackAndThreadShareAQueue() throws Exception {
        BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(1);
        AtomicBoolean over = new AtomicBoolean();
        try (Uloop loop = Uloop.open()) {
            Fibers fibers = Fibers.on(loop, FiberMode.LOOP);
            Thread other =
                    new Thread(
                            () -> {
                                while (!over.get()) {
                                    boolean unused = queue.offer(1);
                                }
                            });
            other.start();
            Timer timer = loop.callEvery(Duration.ofNanos(20_000), () -> queue.offer(2));
            fibers.start(
                    "takes",
                    () -> {
                        for (int i = 0; i < 5_000; i++) {
                            assertThat(queue.take()).isBetween(1, 2);
                        }
                        timer.close();
                    });
            fibers.run();
            over.set(true);
            other.join();
        }
    }

    private void inLock(Runnable code) {
        lock.lock();
        try {
            code.run();
        } finally {
            lock.unlock();
        }
    }

    private void inMonitor(Runnable code) {
        synchronized (monitor) {
            code.run();
        }
    }

    /** Runs code that nobody else runs at the same time. */
    private interface Section {
        void enter(Runnable code);
    }

    /** Lets a fiber and then a callback wait for a section in which another thread is. */
    private static void assertThatCallbackGetsIn(Section section) throws Exception {
        List<String> order = new CopyOnWriteArrayList<>();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        try (Uloop loop = Uloop.open()) {
            Thread runner = Thread.currentThread();
            Fibers fibers = Fibers.on(loop, FiberMode.LOOP);
            Thread other =
                    new Thread(
                            () ->
                                    section.enter(
                                            () -> {
                                                inside.countDown();
                                                awaitQuietly(leave);
                                            }));
            other.start();
            inside.await();
            Fiber<?> fiber =
                    fibers.start(
                            "waits",
                            () -> {
                                section.enter(() -> order.add("fiber"));
                                if (loop.inLoop()) {
                                    order.add("back");
                                }
                            });
            Thread helper =
                    new Thread(
                            () -> {
                                awaitBlocked(fiber.thread(), runner);
                                loop.execute(() -> section.enter(() -> order.add("callback")));
                                awaitBlocked(runner, runner);
                                leave.countDown();
                            });
            helper.start();
            fibers.run();
            helper.join();
            other.join();
            loop.runUntilIdle();
        }
        assertThat(order).containsExactlyInAnyOrder("fiber", "callback", "back");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until a thread waits, or the one that executes it, as before JDK 24 in a monitor. */
    private static void awaitBlocked(Thread thread, Thread runner) {
        await().atMost(ChildJava.DEADLINE)
                .until(() -> isBlocked(thread.getState()) || isBlocked(runner.getState()));
    }

    private static boolean isBlocked(Thread.State state) {
        return state == Thread.State.BLOCKED || state == Thread.State.WAITING;
    }

    private static void assertThatThreeProceed(Section section) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        int[] calls = new int[1];
        try (Uloop loop = Uloop.open()) {
            Fibers fibers = Fibers.on(loop, FiberMode.LOOP);
            Thread other =
                    new Thread(
                            () -> {
                                while (!over.get()) {
                                    section.enter(Thread::onSpinWait);
                                    Thread.yield();
                                }
                            });
            other.start();
            Timer timer =
                    loop.callEvery(Duration.ofNanos(50_000), () -> section.enter(() -> calls[0]++));
            fibers.start(
                    "enters",
                    () -> {
                        for (int i = 0; i < 1_000 || calls[0] < 100; i++) {
                            section.enter(Thread::onSpinWait);
                            fibers.sleep(Duration.ofNanos(1_000));
                        }
                        timer.close();
                    });
            fibers.run();
            over.set(true);
            other.join();
        }
        assertThat(calls[0]).isGreaterThanOrEqualTo(100);
    }
}
