package io.uloop.poller.tck.fuzz;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The kernel's count of sockets, pipes, terminals and the like that this process has open. */
final class OpenDescriptors {
    private static final Path LIST = Path.of("/proc/self/fd");

    private OpenDescriptors() {}

    /** 0 where the system has no list. Files are left out: class loading opens and closes them. */
    static int count() {
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
