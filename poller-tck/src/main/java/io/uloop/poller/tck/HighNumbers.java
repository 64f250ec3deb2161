package io.uloop.poller.tck;

import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
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
 * with {@link #reuse}. Both require only {@link NativeDescriptors#dup}. A backend without it, such
 * as select, assigns its own numbers, which the JVM cannot take.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public final class HighNumbers {
    /** A number above those of all files that a JVM running tests has open. */
    private static final int FIRST = 300;

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private HighNumbers() {}

    /**
     * Moves a file to a number that the JVM does not use.
     *
     * @param io the descriptors that opened the file
     * @param fd the file, closed on return unless the backend has no {@code dup}
     * @return the file's new number, or {@code fd} if the backend has no {@code dup}
     * @throws IOException if the limit of open files is too low
     */
    public static int raise(Descriptors io, int fd) throws IOException {
        return raise(io, fd, FIRST);
    }

    /**
     * Moves a file to a number of at least a minimum.
     *
     * @param io the descriptors that opened the file
     * @param fd the file, closed on return unless the backend has no {@code dup}
     * @param minimum the lowest acceptable number
     * @return the file's new number, or {@code fd} if the backend has no {@code dup}
     * @throws IOException if the limit of open files is too low
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
     * @param io the descriptors that opened the file
     * @param fd the file, closed on return
     * @param number a closed number that came from {@link #raise}
     * @throws UnsupportedOperationException if the backend has no {@code dup}
     * @throws IllegalStateException if the number stays open for ten seconds
     * @throws IOException if the limit of open files is too low
     */
    public static void reuse(Descriptors io, int fd, int number) throws IOException {
        long start = System.nanoTime();
        int moved = dup(io, fd, number);
        while (moved != number) { // the JVM took it while all lower numbers were in use
            io.close(moved);
            if (System.nanoTime() - start >= PATIENCE_NANOS) {
                throw new IllegalStateException("cannot reuse fd " + number + ": it is still open");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            moved = dup(io, fd, number);
        }
        io.close(fd);
    }

    /** Duplicates a file to the lowest free number of at least a minimum. */
    private static int dup(Descriptors io, int fd, int minimum) throws IOException {
        if (!(io instanceof NativeDescriptors all)) {
            throw new UnsupportedOperationException("this backend has no dup");
        }
        List<Integer> below = new ArrayList<>();
        try {
            int dup = all.dup(fd);
            while (dup < minimum) {
                below.add(dup);
                dup = all.dup(fd);
            }
            return dup;
        } finally {
            for (int low : below) {
                io.close(low);
            }
        }
    }
}
