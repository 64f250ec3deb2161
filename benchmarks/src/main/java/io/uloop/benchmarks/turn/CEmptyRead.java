package io.uloop.benchmarks.turn;

/** Reads in C from a socket that has no bytes. */
final class CEmptyRead implements Contender {
    private final CCalls calls;
    private final int fd;

    CEmptyRead(CCalls calls, int fd) {
        this.calls = calls;
        this.fd = fd;
    }

    @Override
    public long run(int times) {
        return calls.empty_reads(fd, times);
    }
}
