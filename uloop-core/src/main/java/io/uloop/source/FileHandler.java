package io.uloop.source;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Is told what happens to a watched file or directory. */
@FunctionalInterface
public interface FileHandler {
    /**
     * Takes one event, on the loop's thread. It may add and close any watch, this one included, and
     * close the watcher.
     *
     * @param watch the watch
     * @param events bits of {@link FileEvent}, those asked for and those only reported; rarely more
     *     than one that was asked for
     * @param name the entry of the watched directory that this is about, for {@link Path#resolve}:
     *     it has the bytes of the entry's name, also where the JVM's encoding cannot print them;
     *     null if it is about what is watched itself
     * @param cookie the same number in the MOVED_FROM and the MOVED_TO of one rename; 0 in all
     *     others
     * @throws Exception is logged and goes to the loop's {@link io.uloop.ErrorHandler}; the other
     *     events are delivered all the same
     */
    void changed(FileWatch watch, int events, @Nullable Path name, int cookie) throws Exception;
}
