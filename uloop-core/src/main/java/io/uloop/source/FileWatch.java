package io.uloop.source;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A watch on one path of a {@link FileWatcher}. It watches the file that had this path when the
 * watch was created, even if the file is renamed later.
 *
 * <p>Not thread-safe: call from the loop's thread.
 *
 * @since 0.1
 */
public final class FileWatch implements AutoCloseable {
    private final FileWatcher watcher;
    private final Path path;
    private final int events;
    private final FileHandler handler;
    private final int number;
    private boolean active = true;

    /** The next watch of the same file. Kept after a close, for iterations in progress. */
    @Nullable FileWatch next;

    /**
     * Creates a watch.
     *
     * @param number the kernel's number, the same for all watches of one file
     */
    FileWatch(FileWatcher watcher, Path path, int events, FileHandler handler, int number) {
        this.watcher = watcher;
        this.path = path;
        this.events = events;
        this.handler = handler;
        this.number = number;
    }

    /** {@return the watched path, as it was given} */
    public Path path() {
        return path;
    }

    /**
     * Returns whether events may still arrive.
     *
     * @return false once this or the watcher is closed, and from the event IGNORED on
     */
    public boolean isActive() {
        return active;
    }

    /**
     * Removes the watch. Idempotent. Its handler is not called again, not even for queued events.
     *
     * @throws IOException if the kernel refuses to remove the watch, which does not happen for an
     *     open watcher
     */
    @Override
    public void close() throws IOException {
        if (active) {
            active = false;
            watcher.drop(this);
        }
    }

    @Override
    public String toString() {
        return "FileWatch[" + path + ", " + FileEvent.toString(events) + ']';
    }

    int number() {
        return number;
    }

    int events() {
        return events;
    }

    FileHandler handler() {
        return handler;
    }

    void end() {
        active = false;
    }
}
