package io.uloop.poller.tck;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Lists the open sockets, pipes, pollers, terminals and similar descriptors of this process, from
 * /proc/self/fd. Omits files, because the JVM opens and closes jars, libraries and random devices
 * as it loads classes. The list is empty on systems without /proc/self/fd.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public final class OpenDescriptors {
    private static final Path LIST = Path.of("/proc/self/fd");
    private static final int O_CLOEXEC = 02000000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private OpenDescriptors() {}

    /** {@return whether the system has /proc/self/fd} */
    public static boolean areListed() {
        return Files.isDirectory(LIST);
    }

    /**
     * Lists the open descriptors.
     *
     * @return kinds by descriptor, such as {@code "pipe:[4711]"} or {@code
     *     "anon_inode:[eventpoll]"}
     */
    public static SortedMap<Integer, String> now() {
        SortedMap<Integer, String> open = new TreeMap<>();
        if (!areListed()) {
            return open;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(LIST)) {
            for (Path entry : entries) {
                String kind = kind(entry);
                if (!kind.startsWith("/") || kind.startsWith("/dev/pt")) {
                    open.put(Integer.valueOf(entry.getFileName().toString()), kind);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return open;
    }

    private static String kind(Path entry) throws IOException {
        try {
            return Files.readSymbolicLink(entry).toString();
        } catch (NoSuchFileException e) {
            return "/closed by another thread since it was listed";
        }
    }

    /**
     * Lists the descriptors that were opened since an earlier list.
     *
     * @param before an earlier result of {@link #now}
     * @return kinds by descriptor
     */
    public static SortedMap<Integer, String> since(SortedMap<Integer, String> before) {
        SortedMap<Integer, String> added = now();
        added.entrySet().removeAll(before.entrySet());
        return added;
    }

    /**
     * Fails if a descriptor opened since an earlier list stays open for thirty seconds. The wait is
     * needed because NIO closes descriptors in the next select, and the JVM and libraries close
     * some on other threads.
     *
     * @param before an earlier result of {@link #now}
     * @throws AssertionError if a descriptor stays open; the message lists descriptors and kinds
     */
    public static void assertNoneSince(SortedMap<Integer, String> before) {
        assertNoneSince(before, PATIENCE);
    }

    /**
     * Fails if a descriptor opened since an earlier list stays open.
     *
     * @param before an earlier result of {@link #now}
     * @param patience how long to wait for descriptors to be closed
     * @throws AssertionError if a descriptor stays open; the message lists descriptors and kinds
     */
    public static void assertNoneSince(SortedMap<Integer, String> before, Duration patience) {
        long start = System.nanoTime();
        for (var added = since(before); !added.isEmpty(); added = since(before)) {
            if (System.nanoTime() - start >= patience.toNanos()) {
                throw new AssertionError("still open: " + added + "; before: " + before);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /**
     * Returns whether a descriptor is currently open, including files opened by the JVM.
     *
     * @param fd any number
     * @return false also on systems without /proc/self/fd
     */
    public static boolean contains(int fd) {
        return fd >= 0 && Files.exists(LIST.resolve(Integer.toString(fd)), NOFOLLOW_LINKS);
    }

    static boolean isClosedOnExec(int fd) throws IOException {
        Path info = Path.of("/proc/self/fdinfo", Integer.toString(fd));
        for (String line : Files.readAllLines(info)) {
            if (line.startsWith("flags:")) {
                String octal = line.substring("flags:".length()).strip();
                return (Integer.parseInt(octal, 8) & O_CLOEXEC) != 0;
            }
        }
        throw new IOException("no flags in " + info);
    }
}
