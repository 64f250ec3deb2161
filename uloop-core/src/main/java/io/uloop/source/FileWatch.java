package io.uloop.source;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One path that a {@link FileWatcher} watches. It watches the file that had this path when the
 * watch began, whatever the file is called later.
 *
 * <p>For the thread that runs the loop, or while none does for any one thread.
 */
public final class FileWatch implements AutoCloseable {
    private final FileWatcher watcher;
    private final Path path;
    private final int events;
    private final FileHandler handler;
    private final int number;
    private boolean active = true;

    /** The next of those that watch the same file. It stays after a close, for who comes by. */
    @Nullable FileWatch next;

    /**
     * @param number the kernel's; the same for all that watch one file
     */
    FileWatch(FileWatcher watcher, Path path, int events, FileHandler handler, int number) {
        this.watcher = watcher;
        this.path = path;
        this.events = events;
        this.handler = handler;
        this.number = number;
    }

    /**
     * The path that is watched.
     *
     * @return as it was given
     */
    public Path path() {
        return path;
    }

    /**
     * Tells whether events may still come.
     *
     * @return false once closed, by this or by the watcher, and from the event IGNORED on
     */
    public boolean isActive() {
        return active;
    }

    /**
     * Ends the watch: its handler is not called again, not even for what is queued. Any number of
     * times.
     *
     * @throws IOException never; declared because the descriptor's operation does
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
