package io.uloop.poller.tck.fuzz;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The kernel's count of sockets, pipes, terminals and the like that this process has open. */
public final class OpenDescriptors {
    private static final Path LIST = Path.of("/proc/self/fd");
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private OpenDescriptors() {}

    /**
     * Counts them. Files are left out: class loading opens and closes them. Any thread.
     *
     * @return 0 or more; 0 where the system has no list
     */
    public static int count() {
        int count = 0;
        if (Files.isDirectory(LIST)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(LIST)) {
                for (Path entry : entries) {
                    count += isCounted(entry) ? 1 : 0;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return count;
    }

    /**
     * Fails if there are more than before. Waits up to ten seconds for fewer: the JVM and libraries
     * close what is theirs on threads of their own. Any thread.
     *
     * @param before what {@link #count} told
     * @throws AssertionError with both counts
     */
    public static void assertAtMost(int before) {
        long start = System.nanoTime();
        for (int now = count(); now > before; now = count()) {
            if (System.nanoTime() - start >= PATIENCE_NANOS) {
                throw new AssertionError(now + " descriptors are open, there were " + before);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** Whether the JVM has a number open at the moment, for purposes of its own. */
    static boolean contains(int fd) {
        return fd >= 0 && Files.exists(LIST.resolve(Integer.toString(fd)), NOFOLLOW_LINKS);
    }

    private static boolean isCounted(Path entry) throws IOException {
        try {
            String target = Files.readSymbolicLink(entry).toString();
            return !target.startsWith("/") || target.startsWith("/dev/pt");
        } catch (NoSuchFileException e) {
            return false; // closed since it was listed
        }
    }
}
