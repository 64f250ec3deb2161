package io.uloop.benchmarks.turn;

/** Sends and receives datagrams in C, with sendto(2) and recvfrom(2). */
final class CDatagrams implements Contender {
    private final CCalls calls;
    private final int from;
    private final int to;
    private final int port;
    private final int bytes;

    CDatagrams(CCalls calls, int from, int to, int port, int bytes) {
        this.calls = calls;
        this.from = from;
        this.to = to;
        this.port = port;
        this.bytes = bytes;
    }

    @Override
    public long run(int times) {
        return calls.datagrams(from, to, port, bytes, times) / (2L * bytes);
    }
}
