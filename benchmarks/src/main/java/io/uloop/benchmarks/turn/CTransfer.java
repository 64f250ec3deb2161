package io.uloop.benchmarks.turn;

/** Writes and reads in C, with send(2) and recv(2). */
final class CTransfer implements Contender {
    private final CCalls calls;
    private final int from;
    private final int to;
    private final int bytes;

    CTransfer(CCalls calls, int from, int to, int bytes) {
        this.calls = calls;
        this.from = from;
        this.to = to;
        this.bytes = bytes;
    }

    @Override
    public long run(int times) {
        return calls.transfers(from, to, bytes, times) / (2L * bytes);
    }
}
