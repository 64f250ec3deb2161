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
        epfd = calls.epoll_open();
        for (int fd : fds) {
            if (calls.epoll_add(epfd, fd) < 0) {
                throw new IOException("C cannot watch fd=" + fd);
            }
        }
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
