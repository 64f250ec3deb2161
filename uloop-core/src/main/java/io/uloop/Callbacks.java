package io.uloop;

import org.jspecify.annotations.Nullable;

/** Names callbacks to people, from any thread: nothing of the user's is called for it. */
final class Callbacks {
    private Callbacks() {}

    /** What a loop calls that only hands the call on. */
    interface Wrapper {
        /** To whom, as of some moment; none if it was removed. Any thread. */
        @Nullable Object wrapped();
    }

    /** The class whose code is called; none if it was removed. */
    static @Nullable Class<?> type(@Nullable Object callback) {
        Object called = callback instanceof Wrapper wrapper ? wrapper.wrapped() : callback;
        return called == null ? null : called.getClass();
    }

    /** Its name. */
    static String className(@Nullable Object callback) {
        Class<?> type = type(callback);
        return type == null ? "(removed)" : type.getName();
    }
}
