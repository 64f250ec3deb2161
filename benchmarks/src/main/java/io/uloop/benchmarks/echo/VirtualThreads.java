package io.uloop.benchmarks.echo;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Starts virtual threads of the JDK by reflection, as this module is compiled for JDK 17. */
final class VirtualThreads {
    private static final @Nullable Method START = startMethod();

    private VirtualThreads() {}

    /** Returns why there are no virtual threads here, or null if there are. */
    static @Nullable String unavailability() {
        return START == null ? "needs JDK 21 or newer" : null;
    }

    /**
     * Returns why no loop can schedule virtual threads here, or null if one can with the flags of a
     * server.
     */
    static @Nullable String whyNotScheduled() {
        String reason = unavailability();
        if (reason != null) {
            return reason;
        }
        try {
            var unused =
                    Class.forName("java.lang.ThreadBuilders")
                            .getDeclaredMethod(
                                    "newVirtualThread",
                                    Executor.class,
                                    String.class,
                                    int.class,
                                    Runnable.class);
            return null;
        } catch (ReflectiveOperationException e) {
            return "this JDK has no schedulers for virtual threads; use JDK 21 to 25";
        }
    }

    static void start(Runnable task) {
        if (START == null) {
            throw new IllegalStateException(unavailability());
        }
        try {
            START.invoke(null, task);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("cannot start a virtual thread", e);
        }
    }

    private static @Nullable Method startMethod() {
        try {
            return Thread.class.getMethod("startVirtualThread", Runnable.class);
        } catch (NoSuchMethodException e) {
            return null;
        }
    }
}
