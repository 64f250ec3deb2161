package io.uloop.benchmarks.turn;

/** The functions of {@code calls.c}. Public only for JNR's stubs. */
public interface CCalls {
    int nothing(int value);

    int epoll_open();

    int epoll_add(int epfd, int fd);

    long epoll_waits(int epfd, int millis, int times);

    long epoll_pwait2s(int epfd, long nanos, int times);

    long transfers(int from, int to, int bytes, int times);

    long datagrams(int from, int to, int port, int bytes, int times);

    long empty_reads(int fd, int times);
}
