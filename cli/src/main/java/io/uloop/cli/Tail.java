package io.uloop.cli;

import io.uloop.Uloop;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.source.FileWatcher;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Follows files on one loop until an error that affects all of them. */
final class Tail implements AutoCloseable {
    private final Uloop loop;
    private final Command command;
    private final FileWatcher watcher;
    private final List<FollowedFile> files = new ArrayList<>();
    private @Nullable IOException failure;

    private Tail(Uloop loop, Command command, FileWatcher watcher) {
        this.loop = loop;
        this.command = command;
        this.watcher = watcher;
    }

    static Tail open(Uloop loop, Command command) throws IOException {
        try {
            return new Tail(loop, command, FileWatcher.open(loop));
        } catch (UnsupportedOperationException e) {
            throw new IOException(
                    "the backend "
                            + loop.provider().name()
                            + " cannot watch files; choose one that can with --backend ("
                            + String.join(", ", backendsThatWatchFiles())
                            + ")",
                    e);
        }
    }

    private static List<String> backendsThatWatchFiles() throws IOException {
        List<String> names = new ArrayList<>();
        for (PollerProvider provider : Pollers.providers()) {
            if (provider.unavailability() == null) {
                try {
                    NativeDescriptors io = NativeDescriptors.of(provider);
                    io.close(io.inotify());
                    names.add(provider.name());
                } catch (UnsupportedOperationException e) {
                    // This backend cannot watch files.
                }
            }
        }
        return names.isEmpty() ? List.of("none here: inotify is on Linux only") : names;
    }

    /** Prints the last lines of each file and starts following it. */
    void follow(List<Path> paths, int lines) throws IOException {
        TailOutput output = new TailOutput(command, paths.size() > 1);
        for (Path path : paths) {
            FollowedFile file = new FollowedFile(this, path, output);
            files.add(file);
            file.follow(lines);
        }
    }

    FileWatcher watcher() {
        return watcher;
    }

    NativeDescriptors descriptors() {
        return NativeDescriptors.of(loop.provider());
    }

    /** Runs a step after a delay. */
    void callLater(Duration delay, Step step) {
        loop.callLater(delay, () -> run(step));
    }

    /** Runs a step in the next turn, so that other files are read in between. */
    void callSoon(Step step) {
        loop.callSoon(() -> run(step));
    }

    /** A piece of work that may fail. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    /** Runs a step. A failure stops the loop. */
    void run(Step step) {
        try {
            step.run();
        } catch (IOException e) {
            fail(e);
        }
    }

    /**
     * Checks that no step failed.
     *
     * @throws IOException the first failure
     */
    void check() throws IOException {
        if (failure != null) {
            throw failure;
        }
    }

    private void fail(IOException reason) {
        if (failure == null) {
            failure = reason;
        }
        loop.stop();
    }

    @Override
    public void close() throws IOException {
        for (FollowedFile file : files) {
            file.close();
        }
        watcher.close();
    }
}
