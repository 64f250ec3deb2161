package io.uloop.benchmarks.question;

/**
 * The functions of {@code limit.c}. A scene is the address of what they work on. Public only for
 * JNR's stubs.
 */
public interface LimitCalls {
    long open_datagrams(int registered, int ready);

    long open_pairs(int pairs, int full, int size);

    long open_listener();

    void close_scene(long scene);

    int poll_ready(long scene, int polls);

    int register_all(long scene);

    int flip(long scene, int messages);

    int oneshot(long scene, int events);

    int exchange(long scene, int messages);

    int accept_all(long scene, int connections);

    int wake_each_other(int rounds);
}
