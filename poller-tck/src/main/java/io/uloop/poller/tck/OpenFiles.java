package io.uloop.poller.tck;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The kernel's list of what this process has open, without the JVM's own jars, libraries and random
 * devices, which come and go with class loading.
 */
final class OpenFiles {
    private static final Path LIST = Path.of("/proc/self/fd");
    private static final int O_CLOEXEC = 02000000;

    private OpenFiles() {}

    /** Tells whether the system has such a list. */
    static boolean areListed() {
        return Files.isDirectory(LIST);
    }

    /** Descriptor to kind: {@code "pipe:[4711]"}, {@code "anon_inode:[eventpoll]"}. */
    static SortedMap<Integer, String> now() throws IOException {
        SortedMap<Integer, String> files = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(LIST)) {
            for (Path entry : entries) {
                String kind = kind(entry);
                if (!kind.startsWith("/") || kind.startsWith("/dev/pt")) {
                    files.put(Integer.valueOf(entry.getFileName().toString()), kind);
                }
            }
        }
        return files;
    }

    private static String kind(Path entry) throws IOException {
        try {
            return Files.readSymbolicLink(entry).toString();
        } catch (NoSuchFileException e) {
            return "/closed by another thread since it was listed";
        }
    }

    /** What is open now and was not before, or was another file. */
    static SortedMap<Integer, String> since(SortedMap<Integer, String> before) throws IOException {
        SortedMap<Integer, String> added = now();
        added.entrySet().removeAll(before.entrySet());
        return added;
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
