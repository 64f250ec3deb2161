package io.uloop.benchmarks.turn;

import java.util.concurrent.atomic.AtomicInteger;

/** Changes a word atomically that no other thread uses. */
final class CompareAndSet implements Contender {
    private final AtomicInteger word = new AtomicInteger();

    @Override
    public long run(int times) {
        long changed = 0;
        for (int i = 0; i < times; i++) {
            int now = word.get();
            changed += word.compareAndSet(now, now + 1) ? 1 : 0;
        }
        return changed;
    }
}
