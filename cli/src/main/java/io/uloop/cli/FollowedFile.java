package io.uloop.cli;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import io.uloop.source.FileEvent;
import io.uloop.source.FileWatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file that is followed by name. Events only say when to look. The state is found by comparing
 * the open file with the one that currently has the name, so lost or merged events do no harm.
 *
 * <p>The old file stays open, and is read, until a new one appears. While it is open its inode
 * cannot be reused. While no file has the name, this also looks once a second, because another
 * directory may have taken the place of the watched one, and links may lead to further directories.
 */
final class FollowedFile implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int READS_PER_TURN = 16;
    private static final Duration PERIOD_WHILE_ABSENT = Duration.ofSeconds(1);

    private static final String NOT_REGULAR = "is not a regular file";

    private static final int ENTRY_EVENTS =
            FileEvent.CREATE
                    | FileEvent.DELETE
                    | FileEvent.MOVED_FROM
                    | FileEvent.MOVED_TO
                    | FileEvent.ATTRIB
                    | FileEvent.MOVE_SELF
                    | FileEvent.ONLYDIR;

    /** New data, and another name or none, which only these report behind a link. */
    private static final int FILE_EVENTS =
            FileEvent.MODIFY | FileEvent.ATTRIB | FileEvent.MOVE_SELF;

    private final Tail tail;
    private final Path path;
    private final TailOutput output;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private @Nullable FileWatch directoryWatch;
    private @Nullable FileWatch watch;
    private @Nullable FileChannel channel;
    private @Nullable Object key;
    private long position;
    private boolean closed;

    /** The last reported reason why the file is absent; empty while it is present. */
    private String absence = "";

    /** Whether a timer is going to look. */
    private boolean looksAgain;

    FollowedFile(Tail tail, Path path, TailOutput output) {
        this.tail = tail;
        this.path = path;
        this.output = output;
    }

    /** Prints the last lines if the file exists, and starts watching. */
    void follow(int lines) throws IOException {
        try {
            watchDirectory();
        } catch (IOException e) {
            throw new IOException(
                    "cannot watch the directory of " + path + ": " + e.getMessage(), e);
        }
        if (isRegular(attributes()) && open() && channel != null) {
            position = LastLines.start(channel, lines);
        }
        look();
    }

    /** Watches the directory that now has the name, which may be watched already. */
    private void watchDirectory() throws IOException {
        Path absolute = path.toAbsolutePath();
        Path directory = absolute.getParent();
        Path entry = absolute.getFileName();
        if (directory == null || entry == null) {
            throw new IOException("cannot follow " + path + ": it is not a file");
        }
        FileWatch former = directoryWatch;
        directoryWatch =
                tail.watcher()
                        .watch(
                                directory,
                                ENTRY_EVENTS,
                                (which, events, name, cookie) ->
                                        tail.run(() -> entryChanged(entry, events, name)));
        close(former, null);
    }

    private void entryChanged(Path entry, int events, @Nullable Path name) throws IOException {
        if ((events & (FileEvent.IGNORED | FileEvent.UNMOUNT | FileEvent.MOVE_SELF)) != 0) {
            lookFromDirectory();
        } else if (name == null || name.equals(entry)) {
            look();
        }
    }

    /** Looks for the file in the directory that now has the name. */
    private void lookFromDirectory() throws IOException {
        if (closed) {
            return;
        }
        try {
            watchDirectory();
        } catch (PollerException e) {
            if (!isGone(e) && !isDenied(e)) {
                throw e;
            }
        }
        look();
    }

    /** Prints new data, and switches to the file that now has the name if it is another one. */
    private void look() throws IOException {
        if (closed) {
            return;
        }
        // Before the reads: what was appended before another file took the name is then printed.
        BasicFileAttributes named = attributes();
        if (!readOn()) {
            tail.callSoon(this::look);
            return;
        }
        if (named == null) {
            missing(channel == null ? "is missing" : "has been renamed or removed");
        } else if (!isRegular(named)) {
            missing(NOT_REGULAR);
        } else if (channel == null || !sameFile(named)) {
            boolean replaced = channel != null;
            if (open()) {
                output.say(
                        path,
                        replaced ? "has been replaced; following the new file" : "has appeared");
                look();
            }
        } else if (!absence.isEmpty()) {
            absence = "";
            output.say(path, "is back");
        }
    }

    private void missing(String what) {
        if (!what.equals(absence)) {
            absence = what;
            output.say(path, what + "; waiting for it");
        }
        if (!looksAgain) {
            looksAgain = true;
            tail.callLater(
                    PERIOD_WHILE_ABSENT,
                    () -> {
                        looksAgain = false;
                        if (!absence.isEmpty()) {
                            lookFromDirectory();
                        }
                    });
        }
    }

    /**
     * Opens the file that now has the name, in place of the open one. The name may pass to another
     * file meanwhile, so everything refers to the descriptor that is opened first.
     *
     * @return false if it cannot be opened
     */
    private boolean open() throws IOException {
        NativeDescriptors io = tail.descriptors();
        int fd = Descriptors.NONE;
        try {
            fd = io.open(path, StandardOpenOption.READ);
            return take(Path.of("/proc/self/fd/" + fd));
        } catch (FileSystemException | PollerException e) {
            if (isDenied(e)) {
                missing("cannot be read: permission denied");
            } else if (isGone(e)) {
                missing("is missing");
            } else {
                throw e;
            }
            return false;
        } finally {
            if (fd != Descriptors.NONE) {
                io.close(fd);
            }
        }
    }

    private static boolean isDenied(IOException e) {
        return e instanceof AccessDeniedException
                || (e instanceof PollerException call && call.errno() == Errno.EACCES);
    }

    private static boolean isGone(IOException e) {
        return e instanceof PollerException call
                && (call.errno() == Errno.ENOENT || call.errno() == Errno.ENOTDIR);
    }

    private boolean take(Path opened) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(opened, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            missing(NOT_REGULAR);
            return false;
        }
        FileWatch newWatch =
                tail.watcher()
                        .watch(
                                opened,
                                FILE_EVENTS,
                                (which, events, name, cookie) -> tail.run(this::look));
        FileChannel newChannel;
        try {
            newChannel = FileChannel.open(opened);
        } catch (IOException e) {
            newWatch.close();
            throw e;
        }
        close(watch, channel);
        watch = newWatch;
        channel = newChannel;
        key = attributes.fileKey();
        position = 0;
        absence = "";
        return true;
    }

    private boolean sameFile(BasicFileAttributes named) {
        return Objects.equals(key, named.fileKey());
    }

    private static boolean isRegular(@Nullable BasicFileAttributes file) {
        return file != null && file.isRegularFile();
    }

    /** Returns the attributes of the file that has the name, or null if none can be seen. */
    private @Nullable BasicFileAttributes attributes() throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class);
        } catch (FileSystemException e) {
            return null;
        }
    }

    /**
     * Prints what was appended.
     *
     * @return false if there is more to read, after giving other files a chance
     */
    private boolean readOn() throws IOException {
        FileChannel file = channel;
        if (file == null) {
            return true;
        }
        if (file.size() < position) {
            output.say(path, "has been truncated; reading from the start");
            position = 0;
        }
        for (int i = 0; i < READS_PER_TURN; i++) {
            int moved = file.read(buffer.clear(), position);
            if (moved <= 0) {
                return true;
            }
            position += moved;
            output.print(path, buffer.flip());
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        close(directoryWatch, null);
        close(watch, channel);
    }

    private static void close(@Nullable FileWatch watch, @Nullable FileChannel channel)
            throws IOException {
        if (watch != null) {
            watch.close();
        }
        if (channel != null) {
            channel.close();
        }
    }
}
