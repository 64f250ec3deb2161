package io.uloop.cli;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.source.FileEvent;
import io.uloop.source.FileWatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file that is followed by name. Events only say when to look. The state is found by comparing
 * the open file with the one that currently has the name, so lost or merged events do no harm.
 *
 * <p>The old file stays open, and is read, until a new one appears. While it is open its inode
 * cannot be reused. The deletion of a directory is noticed only when none of its files is open.
 */
final class FollowedFile implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int READS_PER_TURN = 16;

    private static final int ENTRY_EVENTS =
            FileEvent.CREATE
                    | FileEvent.DELETE
                    | FileEvent.MOVED_FROM
                    | FileEvent.MOVED_TO
                    | FileEvent.ATTRIB
                    | FileEvent.MOVE_SELF
                    | FileEvent.ONLYDIR;

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

    FollowedFile(Tail tail, Path path, TailOutput output) {
        this.tail = tail;
        this.path = path;
        this.output = output;
    }

    /** Prints the last lines if the file exists, and starts watching. */
    void follow(int lines) throws IOException {
        Path absolute = path.toAbsolutePath();
        Path directory = absolute.getParent();
        if (directory == null || absolute.getFileName() == null) {
            throw new IOException("cannot follow " + path + ": it is not a file");
        }
        Path entry = absolute.getFileName();
        try {
            directoryWatch =
                    tail.watcher()
                            .watch(
                                    directory,
                                    ENTRY_EVENTS,
                                    (which, events, name, cookie) ->
                                            tail.run(() -> entryChanged(entry, events, name)));
        } catch (IOException e) {
            throw new IOException(
                    "cannot watch the directory of " + path + ": " + e.getMessage(), e);
        }
        if (open() && channel != null) {
            position = LastLines.start(channel, lines);
        }
        look();
    }

    private void entryChanged(Path entry, int events, @Nullable Path name) throws IOException {
        if ((events & (FileEvent.IGNORED | FileEvent.UNMOUNT | FileEvent.MOVE_SELF)) != 0) {
            if (!closed) {
                output.say(path, "is no longer followed: its directory is gone");
                tail.drop(this);
            }
        } else if (name == null || name.equals(entry)) {
            look();
        }
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
        } else if (!named.isRegularFile()) {
            missing("is not a regular file");
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
    }

    /**
     * Opens the file that now has the name, in place of the open one.
     *
     * @return false if it cannot be opened, or was replaced meanwhile, which causes another event
     */
    private boolean open() throws IOException {
        BasicFileAttributes before = attributes();
        if (before == null || !before.isRegularFile()) {
            return false;
        }
        FileWatch newWatch = null;
        FileChannel newChannel = null;
        try {
            newWatch =
                    tail.watcher()
                            .watch(
                                    path,
                                    FileEvent.MODIFY,
                                    (which, events, name, cookie) -> tail.run(this::look));
            newChannel = FileChannel.open(path);
            BasicFileAttributes after = attributes();
            if (after != null && Objects.equals(before.fileKey(), after.fileKey())) {
                take(newWatch, newChannel, after);
                return true;
            }
        } catch (FileSystemException | PollerException e) {
            if (isDenied(e)) {
                missing("cannot be read: permission denied");
            } else if (!isGone(e)) {
                throw e;
            }
        }
        close(newWatch, newChannel);
        return false;
    }

    private static boolean isDenied(IOException e) {
        return e instanceof AccessDeniedException
                || (e instanceof PollerException call && call.errno() == Errno.EACCES);
    }

    private static boolean isGone(IOException e) {
        return e instanceof NoSuchFileException
                || (e instanceof PollerException call && call.errno() == Errno.ENOENT);
    }

    private void take(FileWatch newWatch, FileChannel newChannel, BasicFileAttributes attributes)
            throws IOException {
        close(watch, channel);
        watch = newWatch;
        channel = newChannel;
        key = attributes.fileKey();
        position = 0;
        absence = "";
    }

    private boolean sameFile(BasicFileAttributes named) {
        return Objects.equals(key, named.fileKey());
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
