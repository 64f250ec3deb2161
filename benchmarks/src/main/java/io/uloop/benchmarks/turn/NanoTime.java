package io.uloop.benchmarks.turn;

/** Reads the clock. */
final class NanoTime implements Contender {
    @Override
    public long run(int times) {
        long seen = 0;
        for (int i = 0; i < times; i++) {
            seen |= System.nanoTime();
        }
        return seen == 0 ? 0 : times;
    }
}
