package io.uloop.source;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Watches files and directories, by inotify. Native backends on Linux; elsewhere a thread with a
 * {@link java.nio.file.WatchService} that hands on to {@link Uloop#execute}.
 *
 * <p>A directory's entries are watched, the entries of its directories are not. What is changed on
 * another machine, through a network file system, is not seen. The user's limits are {@code
 * fs.inotify.max_user_watches} files and {@code fs.inotify.max_user_instances} watchers, so take
 * one watcher for many files.
 *
 * <p>For the thread that runs the loop, or while none does for any one thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/inotify.7.html">inotify(7)</a>
 */
public final class FileWatcher implements AutoCloseable {
    /** To join what is asked for with what the file's other watches have. */
    private static final int IN_MASK_ADD = 0x20000000;

    private static final int UNASKED = FileEvent.UNMOUNT | FileEvent.OVERFLOW | FileEvent.IGNORED;

    private final Source source;
    private final FileWatches watches = new FileWatches();
    private final FileRecords records = new FileRecords();

    private FileWatcher(Source source) {
        this.source = source;
    }

    /**
     * Opens a watcher that watches nothing yet, and joins the loop.
     *
     * @param loop the loop that will call
     * @return the watcher
     * @throws UnsupportedOperationException if the loop's backend has no such watchers
     * @throws IllegalStateException if another thread runs the loop, or it is closed
     * @throws IOException EMFILE; ENOMEM, ENOSPC
     */
    public static FileWatcher open(Uloop loop) throws IOException {
        Descriptors descriptors = loop.descriptors();
        Source source =
                Source.opened(
                        loop,
                        "inotify",
                        "use a java.nio.file.WatchService on a thread of its own",
                        descriptors::inotify);
        FileWatcher watcher = new FileWatcher(source);
        source.joinOrClose(UEvent.IN, watcher::read);
        return watcher;
    }

    /**
     * Watches a file or directory. A file may have any number of watches, under one name or
     * several.
     *
     * @param path what to watch; a symbolic link is followed unless DONT_FOLLOW is asked for
     * @param events bits of {@link FileEvent} that can be asked for, one of {@link FileEvent#ALL}
     *     at least; UNMOUNT, OVERFLOW and IGNORED come unasked
     * @param handler gets the events
     * @return what ends the watch
     * @throws IllegalArgumentException if a bit cannot be asked for, or none of ALL is
     * @throws IllegalStateException if this is closed
     * @throws IOException ENOENT; EACCES without the right to read; ENOTDIR; ENOSPC if the user's
     *     limit of watches is reached
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/inotify_add_watch.2.html">inotify_add_watch(2)</a>
     */
    public FileWatch watch(Path path, int events, FileHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        if ((events & FileEvent.ALL) == 0 || (events & ~(FileEvent.ALL | FileEvent.MODES)) != 0) {
            throw new IllegalArgumentException(
                    FileEvent.toString(events) + " is not what a file can be watched for");
        }
        source.requireOpen();
        int number = source.descriptors().watch(source.fd(), path, events | IN_MASK_ADD);
        FileWatch watch = new FileWatch(this, path, events, handler, number);
        watches.add(watch);
        return watch;
    }

    /**
     * Leaves the loop, ends every watch and closes the watcher. Any number of times.
     *
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException EIO
     */
    @Override
    public void close() throws IOException {
        try {
            source.close();
        } finally {
            if (!source.isOpen()) {
                watches.endAll();
            }
        }
    }

    @Override
    public String toString() {
        return source.describe("FileWatcher");
    }

    /** Takes out a watch that has been closed. */
    void drop(FileWatch watch) throws IOException {
        if (!watches.remove(watch)) {
            return; // another one goes on to watch the file
        }
        try {
            source.descriptors().unwatch(source.fd(), watch.number());
        } catch (PollerException e) {
            if (!e.errno().equals("EINVAL")) { // the file is gone, IGNORED is on its way
                throw e;
            }
        }
    }

    private void read(int fd, int ready) throws Exception {
        try {
            records.read(source.descriptors(), fd);
        } catch (IOException e) {
            source.leaveAfter(e);
            throw e;
        }
        Exception failure = null;
        while (source.isOpen() && records.next()) {
            failure = deliver(failure);
        }
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * Calls the handlers of one record. What one throws is for later, because the others, and the
     * rest of the records, would be lost.
     *
     * @return the first failure, which carries those that follow
     */
    private @Nullable Exception deliver(@Nullable Exception former) {
        Exception failure = former;
        if ((records.events() & FileEvent.OVERFLOW) != 0) {
            for (FileWatch watch : watches.all()) {
                failure = call(watch, FileEvent.OVERFLOW, null, failure);
            }
            return failure;
        }
        FileWatch watch = watches.find(records.number());
        if (watch == null) {
            return failure; // closed since this was queued
        }
        int events = records.events();
        if ((events & FileEvent.IGNORED) != 0) {
            watches.removeAll(watch);
        }
        Path name = records.name();
        for (; watch != null; watch = watch.next) {
            failure = call(watch, events, name, failure);
        }
        return failure;
    }

    private @Nullable Exception call(
            FileWatch watch, int events, @Nullable Path name, @Nullable Exception former) {
        int wanted = events & (watch.events() | UNASKED);
        if (!watch.isActive() || wanted == 0) {
            return former;
        }
        if ((events & FileEvent.IGNORED) != 0) {
            watch.end();
        }
        try {
            int cookie = records.cookie();
            watch.handler().changed(watch, wanted | (events & FileEvent.ISDIR), name, cookie);
        } catch (Exception e) {
            if (former == null) {
                return e;
            }
            former.addSuppressed(e);
        }
        return former;
    }
}
