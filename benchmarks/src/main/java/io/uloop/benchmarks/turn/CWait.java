package io.uloop.benchmarks.turn;

import io.uloop.poller.posix.call.Libc;
import java.io.IOException;

/** Waits in C with epoll_wait(2) for descriptors that are ready. */
final class CWait implements Contender {
    private final CCalls calls;
    private final int epfd;
    private final int timeoutMillis;

    CWait(CCalls calls, int timeoutMillis, int... fds) throws IOException {
        this.calls = calls;
        this.timeoutMillis = timeoutMillis;
        epfd = open(calls, fds);
    }

    /** Opens an epoll set with these descriptors. */
    static int open(CCalls calls, int... fds) throws IOException {
        int epfd = calls.epoll_open();
        for (int fd : fds) {
            if (calls.epoll_add(epfd, fd) < 0) {
                Libc.CALLS.close(epfd);
                throw new IOException("C cannot watch fd=" + fd);
            }
        }
        return epfd;
    }

    @Override
    public long run(int times) {
        return calls.epoll_waits(epfd, timeoutMillis, times);
    }

    @Override
    public void close() {
        Libc.CALLS.close(epfd);
    }
}
