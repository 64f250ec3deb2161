package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.source.FileWatcher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** Follows files on one loop until one thing fails that it cannot do without. */
final class Tail implements AutoCloseable {
    private final Uloop loop;
    private final CommandLine command;
    private final FileWatcher watcher;
    private final List<FollowedFile> files = new ArrayList<>();
    private @Nullable IOException failure;

    private Tail(Uloop loop, CommandLine command, FileWatcher watcher) {
        this.loop = loop;
        this.command = command;
        this.watcher = watcher;
    }

    static Tail open(Uloop loop, CommandLine command) throws IOException {
        try {
            return new Tail(loop, command, FileWatcher.open(loop));
        } catch (UnsupportedOperationException e) {
            throw new IOException(
                    "the backend "
                            + loop.provider().name()
                            + " cannot watch files; take one that has inotify with --backend ("
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
                    provider.descriptors().close(provider.descriptors().inotify());
                    names.add(provider.name());
                } catch (UnsupportedOperationException e) {
                    // Not this one.
                }
            }
        }
        return names.isEmpty() ? List.of("none here, they are on Linux") : names;
    }

    /** Prints the last lines of each and begins to follow. */
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

    /** Calls again in the next turn, so that the other files get theirs. */
    void callSoon(Step step) {
        loop.callSoon(() -> run(step));
    }

    /** Something that may fail. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    /** Does one step; its failure ends everything. */
    void run(Step step) {
        try {
            step.run();
        } catch (IOException e) {
            fail(e);
        }
    }

    /** A file that can never come back is not followed any longer, and not for nothing. */
    void drop(FollowedFile file) throws IOException {
        file.close();
        files.remove(file);
        if (files.isEmpty()) {
            throw new IOException("no file is left to follow");
        }
    }

    /**
     * Fails if following did.
     *
     * @throws IOException what has ended it, if it failed
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
