package io.uloop.source;

import io.uloop.Uloop;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.stream.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Watches files and directories through inotify. Requires a native backend on Linux. On other
 * systems, use a {@link java.nio.file.WatchService} on a thread that calls {@link Uloop#execute}.
 *
 * <pre>{@code
 * FileWatcher watcher = FileWatcher.open(loop);
 * watcher.watch(folder, FileEvent.CREATE, (watch, events, name, cookie) -> created(name));
 * }</pre>
 *
 * <p>Watching a directory includes its entries, but not the entries of its subdirectories. Changes
 * made by other machines through a network file system are not seen. The limits per user are {@code
 * fs.inotify.max_user_watches} files and {@code fs.inotify.max_user_instances} watchers, so use one
 * watcher for many files.
 *
 * <p>Not thread-safe: call from the loop's thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/inotify.7.html">inotify(7)</a>
 * @since 0.1
 */
public final class FileWatcher extends EventSource {
    /** Adds the requested events to those of the file's other watches. */
    private static final int IN_MASK_ADD = 0x20000000;

    private static final int UNASKED = FileEvent.UNMOUNT | FileEvent.OVERFLOW | FileEvent.IGNORED;

    private final Source source;
    private final FileWatches watches = new FileWatches();
    private final FileRecords records = new FileRecords();

    private FileWatcher(Source source) {
        this.source = source;
    }

    /**
     * Opens a watcher without watches and registers it.
     *
     * @param loop the loop that calls the handlers
     * @return the watcher
     * @throws UnsupportedOperationException if the loop's backend does not support inotify
     * @throws IllegalStateException if the loop is closed
     * @throws IOException EMFILE, ENOMEM or ENOSPC
     */
    public static FileWatcher open(Uloop loop) throws IOException {
        int opened =
                Source.open(
                        loop,
                        "inotify",
                        "use a java.nio.file.WatchService on a separate thread",
                        NativeDescriptors::inotify);
        Source source = new Source(loop, FileWatcher.class, opened, null);
        FileWatcher watcher = new FileWatcher(source);
        source.joinOrClose(UEvent.IN, watcher::read);
        return watcher;
    }

    /**
     * Watches a file or directory. A file may have any number of watches, under one or several
     * names.
     *
     * @param path the file or directory; symbolic links are followed unless DONT_FOLLOW is
     *     requested
     * @param events bits of {@link FileEvent} that can be requested, with at least one of {@link
     *     FileEvent#ALL}; UNMOUNT, OVERFLOW and IGNORED are always reported
     * @param handler called for each event
     * @return the watch, which can be closed
     * @throws IllegalArgumentException if a bit cannot be requested, or none of ALL is
     * @throws IllegalStateException if this is closed
     * @throws IOException ENOENT; EACCES without permission to read; ENOTDIR; ENOSPC if the user's
     *     limit of watches is reached
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/inotify_add_watch.2.html">inotify_add_watch(2)</a>
     */
    public FileWatch watch(Path path, int events, FileHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        if ((events & FileEvent.ALL) == 0 || (events & ~(FileEvent.ALL | FileEvent.MODES)) != 0) {
            throw new IllegalArgumentException(
                    "cannot watch a file for "
                            + FileEvent.toString(events)
                            + "; request at least one bit of FileEvent.ALL");
        }
        source.requireOpen();
        int number = source.nativeDescriptors().watch(source.fd(), path, events | IN_MASK_ADD);
        source.keep();
        FileWatch watch = new FileWatch(this, path, events, handler, number);
        watches.add(watch);
        return watch;
    }

    /**
     * Deregisters and closes the watcher with all its watches. Idempotent.
     *
     * @throws IOException EIO if closing the descriptor fails
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
    Source source() {
        return source;
    }

    /** Removes a closed watch. */
    void drop(FileWatch watch) throws IOException {
        if (!watches.remove(watch)) {
            return; // another watch still needs the file
        }
        try {
            source.nativeDescriptors().unwatch(source.fd(), watch.number());
            source.keep();
        } catch (PollerException e) {
            if (e.errno() != Errno.EINVAL) { // the file was deleted, and IGNORED will follow
                throw e;
            }
        }
    }

    private void read(int fd, int ready) throws Exception {
        try {
            records.read(source.descriptors(), fd);
        } catch (IOException e) {
            source.deregister();
            throw e;
        }
        Throwable failure = null;
        while (source.isOpen() && records.next()) {
            failure = deliver(failure);
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw (Exception) failure;
        }
    }

    /**
     * Calls the handlers of one record. Keeps a failure for later, because throwing it would lose
     * the other handlers and records.
     *
     * @return the first failure, with later ones suppressed
     */
    private @Nullable Throwable deliver(@Nullable Throwable former) {
        Throwable failure = former;
        if ((records.events() & FileEvent.OVERFLOW) != 0) {
            for (FileWatch watch : watches.all()) {
                failure = call(watch, FileEvent.OVERFLOW, null, failure);
            }
            return failure;
        }
        FileWatch watch = watches.find(records.number());
        if (watch == null) {
            return failure; // closed since the event was queued
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

    private @Nullable Throwable call(
            FileWatch watch, int events, @Nullable Path name, @Nullable Throwable former) {
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
        } catch (Exception | Error e) { // the other events have been read, too
            if (former == null) {
                return e;
            }
            if (e != former) {
                former.addSuppressed(e);
            }
        }
        return former;
    }
}
