package io.uloop.poller.posix.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

final class PerThreadTest {
    private static void runInThread(Runnable task) throws InterruptedException {
        Thread thread = new Thread(task);
        thread.start();
        thread.join();
    }

    private static boolean isCollected(WeakReference<?> reference) {
        System.gc();
        return reference.refersTo(null);
    }

    @Test
    void eachThreadHasItsValue() throws InterruptedException {
        PerThread<Object> values = new PerThread<>(Object::new);
        Object mine = values.get();
        List<Object> others = new ArrayList<>();
        runInThread(() -> others.add(values.get()));
        runInThread(() -> others.add(values.get()));
        assertThat(others).doesNotHaveDuplicates().doesNotContain(mine);
        assertThat(values.get()).isSameAs(mine);
    }

    @Test
    void collectorLeavesTheValueOfALivingThread() {
        PerThread<Object> values = new PerThread<>(Object::new);
        WeakReference<Object> mine = new WeakReference<>(values.get());
        assertThat(isCollected(mine)).isFalse();
        assertThat(mine.refersTo(values.get())).isTrue();
    }

    @Test
    void valueOfAnEndedThreadIsCollected() throws InterruptedException {
        PerThread<Object> values = new PerThread<>(Object::new);
        ConcurrentLinkedQueue<WeakReference<Object>> created = new ConcurrentLinkedQueue<>();
        runInThread(() -> created.add(new WeakReference<>(values.get())));
        await().until(
                        () -> {
                            System.gc();
                            runInThread(values::get); // drops those of ended threads
                            return isCollected(created.element());
                        });
        assertThat(values.get()).isNotNull();
    }

    @Test
    void threadKeepsNoValueOfACollectedObject() {
        WeakReference<Object> value = new WeakReference<>(new PerThread<>(Object::new).get());
        await().until(() -> isCollected(value));
    }

    /** The JDK throws when direct memory runs out, after it has asked for a collection. */
    @Test
    void memoryOfEndedThreadsIsReusedWhenItRunsOut() throws InterruptedException {
        Full memory = new Full();
        PerThread<Object> values = new PerThread<>(memory::allocate);
        runInThread(values::get);
        assertThat(values.get()).isNotNull();
        assertThat(memory.failures).isEqualTo(1);
    }

    /** Memory for the value of one thread. */
    private static final class Full {
        private final ReferenceQueue<Thread> ended = new ReferenceQueue<>();
        private volatile WeakReference<Thread> user = new WeakReference<>(null);
        private volatile WeakReference<Object> used = new WeakReference<>(null);
        private int failures;

        Object allocate() {
            if (!isCollected(used)) {
                failures++;
                awaitEnded();
                throw new OutOfMemoryError("simulated");
            }
            Object value = new Object();
            used = new WeakReference<>(value);
            user = new WeakReference<>(Thread.currentThread(), ended);
            return value;
        }

        private void awaitEnded() {
            await().until(
                            () -> {
                                System.gc();
                                return ended.poll() == user;
                            });
            System.gc(); // the other references of that collection follow
        }
    }
}
