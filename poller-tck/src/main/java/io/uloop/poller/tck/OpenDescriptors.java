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
 * The kernel's list of the sockets, pipes, pollers, terminals and the like that this process has
 * open. Files are left out: the JVM opens and closes jars, libraries and random devices as it loads
 * classes. Where the system has no list, it is empty. Any thread.
 */
public final class OpenDescriptors {
    private static final Path LIST = Path.of("/proc/self/fd");
    private static final int O_CLOEXEC = 02000000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private OpenDescriptors() {}

    /** Tells whether the system has such a list. */
    static boolean areListed() {
        return Files.isDirectory(LIST);
    }

    /**
     * Lists them.
     *
     * @return descriptor to kind: {@code "pipe:[4711]"}, {@code "anon_inode:[eventpoll]"}
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
     * Lists what is open now and was not before, or was another file.
     *
     * @param before what {@link #now} told
     * @return descriptor to kind
     */
    public static SortedMap<Integer, String> since(SortedMap<Integer, String> before) {
        SortedMap<Integer, String> added = now();
        added.entrySet().removeAll(before.entrySet());
        return added;
    }

    /**
     * Fails if something is open that was not before. Waits up to thirty seconds for it to be
     * closed: NIO does that with a selector's next turn, the JVM and libraries on threads of their
     * own.
     *
     * @param before what {@link #now} told
     * @throws AssertionError with each descriptor and its kind
     */
    public static void assertNoneSince(SortedMap<Integer, String> before) {
        assertNoneSince(before, PATIENCE);
    }

    /**
     * Fails if something is open that was not before and stays so for a while.
     *
     * @param before what {@link #now} told
     * @param patience how long to wait for it to be closed
     * @throws AssertionError with each descriptor and its kind
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
     * Tells whether a number is open at the moment, be it a file that the JVM has opened.
     *
     * @param fd any number
     * @return false where the system has no list
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
        throw new IOException(info + " has no flags");
    }
}
