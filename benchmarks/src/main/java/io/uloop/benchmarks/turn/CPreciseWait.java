package io.uloop.benchmarks.turn;

import io.uloop.poller.posix.call.Libc;
import java.io.IOException;

/** Waits in C with epoll_pwait2(2) for descriptors that are ready. */
final class CPreciseWait implements Contender {
    private final CCalls calls;
    private final int epfd;
    private final long timeoutNanos;

    CPreciseWait(CCalls calls, long timeoutNanos, int... fds) throws IOException {
        this.calls = calls;
        this.timeoutNanos = timeoutNanos;
        epfd = CWait.open(calls, fds);
    }

    @Override
    public long run(int times) {
        return calls.epoll_pwait2s(epfd, timeoutNanos, times);
    }

    @Override
    public void close() {
        Libc.CALLS.close(epfd);
    }
}
