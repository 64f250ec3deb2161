package io.uloop.benchmarks.question;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;

/**
 * Passes tasks to a loop from one or more threads and waits until all of them have run. An
 * operation is a task.
 */
final class ExecutedTasks implements Batch {
    /** A thread that passes its part of the tasks. */
    private static final class Producer extends Thread {
        private final SynchronousQueue<Boolean> orders = new SynchronousQueue<>();
        private final Runnable order;

        Producer(Runnable order) {
            super("producer");
            this.order = order;
        }

        @Override
        public void run() {
            try {
                for (; ; ) {
                    orders.take();
                    order.run();
                }
            } catch (InterruptedException e) {
                // the end
            }
        }
    }

    private final RunningLoop loop;
    private final int tasks;
    private final int tasksPerThread;
    private final Producer[] producers;
    private final Runnable task = this::count;
    private int done;
    private volatile CountDownLatch allDone = new CountDownLatch(1);

    private ExecutedTasks(RunningLoop loop, int threads, int tasks) {
        this.loop = loop;
        this.tasks = tasks;
        this.tasksPerThread = tasks / threads;
        producers = new Producer[threads - 1];
        for (int i = 0; i < producers.length; i++) {
            producers[i] = new Producer(this::executeAll);
            producers[i].start();
        }
    }

    /**
     * Starts the loop of a contender.
     *
     * @param threads how many threads pass tasks
     * @param tasks of one run, a multiple of the threads
     */
    static Batch open(String contender, int threads, int tasks) throws Exception {
        return new ExecutedTasks(RunningLoop.start(contender), threads, tasks);
    }

    private void executeAll() {
        for (int i = 0; i < tasksPerThread; i++) {
            loop.executor().execute(task);
        }
    }

    /** Runs on the loop's thread. */
    private void count() {
        if (++done == tasks) {
            allDone.countDown();
        }
    }

    @Override
    public int run() throws InterruptedException {
        done = 0;
        allDone = new CountDownLatch(1);
        for (Producer producer : producers) {
            producer.orders.put(true);
        }
        executeAll();
        allDone.await();
        return done;
    }

    @Override
    public void close() throws IOException {
        for (Producer producer : producers) {
            producer.interrupt(); // it waits for an order
            Threads.join(producer);
        }
        loop.close();
    }
}
