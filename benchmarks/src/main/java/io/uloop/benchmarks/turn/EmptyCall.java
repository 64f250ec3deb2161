package io.uloop.benchmarks.turn;

/** Calls a C function that does nothing, which costs what the binding costs. */
final class EmptyCall implements Contender {
    private final CCalls calls;

    EmptyCall(CCalls calls) {
        this.calls = calls;
    }

    @Override
    public long run(int times) {
        long sum = 0;
        for (int i = 0; i < times; i++) {
            sum += calls.nothing(1);
        }
        return sum;
    }
}
