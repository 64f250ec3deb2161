package io.uloop.benchmarks.turn;

/** Reads the clock. */
final class NanoTime implements Contender {
    private long seen;

    @Override
    public long run(int times) {
        for (int i = 0; i < times; i++) {
            seen ^= System.nanoTime();
        }
        return times;
    }
}
