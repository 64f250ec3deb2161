package io.uloop.source;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Handles events of a watched file or directory.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface FileHandler {
    /**
     * Called on the loop's thread for each event. It may add and close any watch, including this
     * one, and close the watcher.
     *
     * @param watch the watch
     * @param events bits of {@link FileEvent}, requested ones and those that are only reported;
     *     rarely more than one requested bit
     * @param name the affected entry of the watched directory, for {@link Path#resolve}, or null if
     *     the event is about the watched file itself. The name keeps the entry's bytes even if the
     *     JVM's encoding cannot display them
     * @param cookie the same number in the MOVED_FROM and MOVED_TO of one rename; otherwise 0
     * @throws Exception any failure; the loop logs it and passes it to the {@link
     *     io.uloop.ErrorHandler}. Other events are delivered nevertheless
     */
    void changed(FileWatch watch, int events, @Nullable Path name, int cookie) throws Exception;
}
