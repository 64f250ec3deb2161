package io.uloop.fiber;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Creates virtual threads by reflection, because Uloop is compiled for JDK 17. Thread-safe.
 *
 * <p>The scheduler of a virtual thread cannot be chosen through the public API. JDK 21 to 25 have a
 * method for it that is not public: {@code java.lang.ThreadBuilders.newVirtualThread}. Neither is
 * the pinning of virtual threads public.
 */
final class VirtualThreadFactory {
    /** The first JDK whose monitors suspend virtual threads. Before, they pin them. */
    private static final int MONITORS_SUSPEND = 24;

    private static final @Nullable MethodHandle OF_JDK;
    private static final @Nullable MethodHandle OF_SCHEDULER;
    private static final @Nullable Executor SCHEDULER_OF_JDK;
    private static final @Nullable MethodHandle PIN;
    private static final @Nullable MethodHandle UNPIN;
    private static final @Nullable String NO_VIRTUAL;
    private static final @Nullable String NO_SCHEDULER;

    static {
        MethodHandle ofJdk = null;
        String noVirtual = null;
        try {
            ofJdk = ofJdk();
        } catch (ReflectiveOperationException e) {
            noVirtual = "this JVM has no virtual threads; use JDK 21 or newer";
        }
        MethodHandle ofScheduler = null;
        Executor schedulerOfJdk = null;
        MethodHandle pin = null;
        MethodHandle unpin = null;
        String noScheduler = noVirtual;
        if (noVirtual == null) {
            try {
                schedulerOfJdk = findSchedulerOfJdk();
                ofScheduler = ofScheduler();
                if (Runtime.version().feature() >= MONITORS_SUSPEND) {
                    pin = ofThread("disableSuspendAndPreempt");
                    unpin = ofThread("enableSuspendAndPreempt");
                }
            } catch (InaccessibleObjectException e) {
                noScheduler = "start the JVM with " + option();
            } catch (ReflectiveOperationException e) {
                noScheduler = "this JVM lets nobody choose the scheduler of virtual threads";
            }
        }
        OF_JDK = ofJdk;
        NO_VIRTUAL = noVirtual;
        OF_SCHEDULER = ofScheduler;
        SCHEDULER_OF_JDK = schedulerOfJdk;
        PIN = pin;
        UNPIN = unpin;
        NO_SCHEDULER = noScheduler;
    }

    private VirtualThreadFactory() {}

    /** Returns why there are no virtual threads; null if there are. */
    static @Nullable String whyNotVirtual() {
        return NO_VIRTUAL;
    }

    /** Returns why the scheduler cannot be chosen; null if it can. */
    static @Nullable String whyNotScheduled() {
        return NO_SCHEDULER;
    }

    /** Returns the default scheduler of virtual threads. */
    static Executor schedulerOfJdk() {
        if (SCHEDULER_OF_JDK == null) {
            throw new IllegalStateException(NO_SCHEDULER);
        }
        return SCHEDULER_OF_JDK;
    }

    /** Returns a virtual thread on the scheduler of the JDK, not started. */
    static Thread newThread(String name, Runnable task) {
        if (OF_JDK == null) {
            throw new IllegalStateException(NO_VIRTUAL);
        }
        try {
            return (Thread) OF_JDK.invokeExact(name, task);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e); // declares no checked exception
        }
    }

    /** Returns a virtual thread that a scheduler executes, not started. */
    static Thread newThread(Executor scheduler, String name, Runnable task) {
        if (OF_SCHEDULER == null) {
            throw new IllegalStateException(NO_SCHEDULER);
        }
        try {
            return (Thread) OF_SCHEDULER.invokeExact(scheduler, name, task);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e); // declares no checked exception
        }
    }

    /** Keeps the calling virtual thread on its carrier thread, except before JDK 24. */
    static void pin(Thread self) {
        call(PIN, self);
    }

    /** Reverts one {@link #pin}. */
    static void unpin(Thread self) {
        call(UNPIN, self);
    }

    private static void call(@Nullable MethodHandle method, Thread self) {
        if (method == null) {
            return;
        }
        try {
            method.invokeExact(self);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e); // declares no checked exception
        }
    }

    /** Thread.ofVirtual().name(name).unstarted(task). */
    private static MethodHandle ofJdk() throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        Class<?> ofVirtual = Class.forName("java.lang.Thread$Builder$OfVirtual");
        MethodHandle builder =
                lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(ofVirtual));
        MethodHandle named =
                lookup.findVirtual(
                        ofVirtual, "name", MethodType.methodType(ofVirtual, String.class));
        MethodHandle unstarted =
                lookup.findVirtual(
                        ofVirtual,
                        "unstarted",
                        MethodType.methodType(Thread.class, Runnable.class));
        return MethodHandles.collectArguments(
                unstarted, 0, MethodHandles.foldArguments(named, builder));
    }

    private static MethodHandle ofScheduler() throws ReflectiveOperationException {
        Method method =
                Class.forName("java.lang.ThreadBuilders")
                        .getDeclaredMethod(
                                "newVirtualThread",
                                Executor.class,
                                String.class,
                                int.class,
                                Runnable.class);
        method.setAccessible(true);
        return MethodHandles.insertArguments(MethodHandles.lookup().unreflect(method), 2, 0);
    }

    /** Returns a method of virtual threads without arguments. */
    private static MethodHandle ofThread(String name) throws ReflectiveOperationException {
        Method method = Class.forName("java.lang.VirtualThread").getDeclaredMethod(name);
        method.setAccessible(true);
        return MethodHandles.lookup()
                .unreflect(method)
                .asType(MethodType.methodType(void.class, Thread.class));
    }

    private static Executor findSchedulerOfJdk() throws ReflectiveOperationException {
        Field field =
                Class.forName("java.lang.VirtualThread").getDeclaredField("DEFAULT_SCHEDULER");
        field.setAccessible(true);
        return (Executor) field.get(null);
    }

    private static String option() {
        Module module = VirtualThreadFactory.class.getModule();
        return "--add-opens java.base/java.lang="
                + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
    }
}
