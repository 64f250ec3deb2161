package io.uloop.observe;

import org.jspecify.annotations.Nullable;

/** Names callbacks in messages. Calls no user code, so any thread may use it. */
public final class Callbacks {
    private Callbacks() {}

    /** A callback of the library that delegates to a user's callback. */
    public interface Wrapper {
        /** {@return the current delegate, or null if it was removed} Thread-safe. */
        @Nullable Object wrapped();

        /** {@return what the user's callback is, for messages} */
        default String kind() {
            return "task";
        }

        /** {@return whether its exceptions come from another thread than the one that runs it} */
        default boolean failsElsewhere() {
            return false;
        }

        /** {@return the end of a sentence about a failed call} */
        default String detail() {
            return "";
        }
    }

    /** A handler of the library, such as a connection, that calls a handler of the program. */
    public interface Serving {
        /** {@return the program's handler, or another of the library before it} Thread-safe. */
        Object served();
    }

    /** Code on the loop's thread that has a thread object besides it, such as a virtual thread. */
    public interface OnThread {
        /** {@return the thread whose stack shows the code} Thread-safe. */
        Thread thread();
    }

    /**
     * Returns the user's callback.
     *
     * @param callback a callback, which may be a {@link Wrapper}, even of another
     * @return the callback, or null if it was removed
     */
    public static @Nullable Object unwrap(@Nullable Object callback) {
        Object called = callback;
        while (called instanceof Wrapper wrapper) {
            called = wrapper.wrapped();
        }
        return called;
    }

    /** Returns the program's handler, or the callback if it is one. Null if it was removed. */
    static @Nullable Object program(@Nullable Object callback) {
        Object called = unwrap(callback);
        while (called instanceof Serving serving) {
            called = serving.served();
        }
        return called;
    }

    /**
     * Returns the class of the program's callback.
     *
     * @param callback a callback of a loop
     * @return its name, or {@code "(removed)"}
     */
    public static String programName(Object callback) {
        return className(program(callback));
    }

    /** {@return the class whose code is called, or null if it was removed} */
    static @Nullable Class<?> type(@Nullable Object callback) {
        Object called = unwrap(callback);
        return called == null ? null : called.getClass();
    }

    /** {@return the name of that class} */
    static String className(@Nullable Object callback) {
        Class<?> type = type(callback);
        return type == null ? "(removed)" : type.getName();
    }
}
