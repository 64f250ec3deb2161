package io.uloop;

import org.jspecify.annotations.Nullable;

/** Names callbacks to people, from any thread: nothing of the user's is called for it. */
final class Callbacks {
    private Callbacks() {}

    /** The class whose code is called, of two procs the reader's; none if it was removed. */
    static @Nullable Class<?> type(@Nullable Object callback) {
        if (callback instanceof ReaderWriter procs) {
            ReaderWriter.Proc<?> proc = procs.anyProc();
            return proc == null ? null : proc.proc().getClass();
        }
        return callback == null ? null : callback.getClass();
    }

    /** Its name. */
    static String className(@Nullable Object callback) {
        Class<?> type = type(callback);
        return type == null ? "(removed)" : type.getName();
    }
}
