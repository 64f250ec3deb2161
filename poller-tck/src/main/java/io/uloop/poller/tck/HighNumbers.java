package io.uloop.poller.tck;

import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Moves files to descriptor numbers that the JVM does not use.
 *
 * <p>The JVM opens and closes files at any time: jars, cgroup files, pipes of child processes. Each
 * of them gets the lowest free number. A test that closes a number and then expects it to stay
 * closed, or to get it back, must first move the file up with {@link #raise}. It reuses the number
 * with {@link #reuse}. Both need nothing but {@link Descriptors#dup}. A backend without it, such as
 * select, gives out numbers of its own, which the JVM cannot take.
 *
 * <p>Thread-safe.
 */
public final class HighNumbers {
    /** More files than a JVM that runs tests has open by itself. */
    private static final int FIRST = 300;

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private HighNumbers() {}

    /**
     * Moves a file to a number that the JVM does not use.
     *
     * @param io opened the file
     * @param fd closed on return, except where the backend has no {@code dup}
     * @return the file's new number; {@code fd} where the backend has no {@code dup}
     * @throws IOException if so many descriptors are not allowed
     */
    public static int raise(Descriptors io, int fd) throws IOException {
        return raise(io, fd, FIRST);
    }

    /**
     * Moves a file to a number that is not below a minimum.
     *
     * @param io opened the file
     * @param fd closed on return, except where the backend has no {@code dup}
     * @param minimum the lowest number that will do
     * @return the file's new number; {@code fd} where the backend has no {@code dup}
     * @throws IOException if so many descriptors are not allowed
     */
    public static int raise(Descriptors io, int fd, int minimum) throws IOException {
        int raised;
        try {
            raised = dup(io, fd, minimum);
        } catch (UnsupportedOperationException e) {
            return fd;
        }
        io.close(fd);
        return raised;
    }

    /**
     * Moves a file to a closed number.
     *
     * @param io opened the file
     * @param fd closed on return
     * @param number a closed number that came from {@link #raise}
     * @throws UnsupportedOperationException if the backend has no {@code dup}
     * @throws IllegalStateException if the number stays open for ten seconds
     * @throws IOException if so many descriptors are not allowed
     */
    public static void reuse(Descriptors io, int fd, int number) throws IOException {
        long start = System.nanoTime();
        int moved = dup(io, fd, number);
        while (moved != number) { // the JVM took it in the instant when all below were in use
            io.close(moved);
            if (System.nanoTime() - start >= PATIENCE_NANOS) {
                throw new IllegalStateException("fd " + number + " is open");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            moved = dup(io, fd, number);
        }
        io.close(fd);
    }

    /** Duplicates a file to the lowest free number that is not below a minimum. */
    private static int dup(Descriptors io, int fd, int minimum) throws IOException {
        List<Integer> below = new ArrayList<>();
        try {
            int dup = io.dup(fd);
            while (dup < minimum) {
                below.add(dup);
                dup = io.dup(fd);
            }
            return dup;
        } finally {
            for (int low : below) {
                io.close(low);
            }
        }
    }
}
