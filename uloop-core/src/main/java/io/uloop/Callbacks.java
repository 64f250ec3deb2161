package io.uloop;

import org.jspecify.annotations.Nullable;

/** Names callbacks in messages. Calls no user code, so any thread may use it. */
final class Callbacks {
    private Callbacks() {}

    /** A callback of the library that delegates to a user's callback. */
    interface Wrapper {
        /** {@return the current delegate, or null if it was removed} Thread-safe. */
        @Nullable Object wrapped();
    }

    /** {@return the class whose code is called, or null if it was removed} */
    static @Nullable Class<?> type(@Nullable Object callback) {
        Object called = called(callback);
        return called == null ? null : called.getClass();
    }

    private static @Nullable Object called(@Nullable Object callback) {
        if (callback instanceof ReadWriteProcs procs) {
            return procs.proc();
        }
        return callback instanceof Wrapper wrapper ? wrapper.wrapped() : callback;
    }

    /** {@return the name of that class} */
    static String className(@Nullable Object callback) {
        Class<?> type = type(callback);
        return type == null ? "(removed)" : type.getName();
    }
}
