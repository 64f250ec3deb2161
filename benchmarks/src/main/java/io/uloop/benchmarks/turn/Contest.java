package io.uloop.benchmarks.turn;

import com.sun.management.ThreadMXBean;
import io.uloop.benchmarks.report.Progress;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs contenders on the calling thread in interleaved rounds (A B C, A B C, ...), so that other
 * load on the machine affects all of them alike. Measures the CPU time of the thread, which does
 * not contain the time of other threads.
 */
final class Contest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final List<Entry> entries;
    private final int times;
    private final double[][] nanos;
    private final double[] bytes;

    /**
     * Creates a contest without results.
     *
     * @param rounds how many measured rounds each contender has
     * @param times how many operations a round has
     */
    Contest(List<Entry> entries, int rounds, int times) {
        this.entries = List.copyOf(entries);
        this.times = times;
        nanos = new double[entries.size()][rounds];
        bytes = new double[entries.size()];
        Arrays.fill(bytes, Double.POSITIVE_INFINITY);
    }

    /**
     * Warms all contenders up, then measures them.
     *
     * @return the figures in the order of the contenders
     * @throws IOException if a contender fails
     * @throws InterruptedException if the thread is interrupted
     */
    List<Figures> run(int warmups, Progress progress) throws IOException, InterruptedException {
        int rounds = nanos[0].length;
        for (int round = -warmups; round < rounds; round++) {
            String step = round < 0 ? "warm-up" : "round " + (round + 1) + " of " + rounds;
            progress.report((double) (round + warmups) / (rounds + warmups), step);
            for (int i = 0; i < nanos.length; i++) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                measure(i, round);
            }
        }
        List<Figures> figures = new ArrayList<>();
        for (int i = 0; i < nanos.length; i++) {
            figures.add(Figures.of(nanos[i], bytes[i]));
        }
        return figures;
    }

    private void measure(int index, int round) throws IOException, InterruptedException {
        Entry entry = entries.get(index);
        int repetitions = Math.max(1, times / entry.operations());
        long operations = (long) repetitions * entry.operations();
        long allocated = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
        long start = THREADS.getCurrentThreadCpuTime();
        long done = entry.contender().run(repetitions);
        long spent = THREADS.getCurrentThreadCpuTime() - start;
        allocated = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - allocated;
        if (done != operations) {
            if (Thread.interrupted()) { // which ends a wait early
                throw new InterruptedException();
            }
            throw new IOException(
                    entry + " completed " + done + " of " + operations + " operations");
        }
        if (round >= 0) {
            nanos[index][round] = (double) spent / operations;
            // The least, because what runs once, such as the growth of an array, is not its cost.
            bytes[index] = Math.min(bytes[index], (double) allocated / operations);
        }
    }
}
