package io.uloop.process;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * Calls {@code sun.misc.Signal} of module jdk.unsupported, the only access to the signals that the
 * JVM supports. Uses method handles because javac warns of each use of the class, and no option
 * disables that warning.
 */
final class JvmSignals {
    private static final @Nullable JvmSignals PRESENT = find();

    private final Class<?> handlerType;
    private final MethodHandle create;
    private final MethodHandle number;
    private final MethodHandle handle;

    private JvmSignals(Class<?> signalType, Class<?> handlerType)
            throws ReflectiveOperationException {
        this.handlerType = handlerType;
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        create =
                lookup.findConstructor(signalType, MethodType.methodType(void.class, String.class))
                        .asType(MethodType.methodType(Object.class, String.class));
        number =
                lookup.findVirtual(signalType, "getNumber", MethodType.methodType(int.class))
                        .asType(MethodType.methodType(int.class, Object.class));
        handle =
                lookup.findStatic(
                                signalType,
                                "handle",
                                MethodType.methodType(handlerType, signalType, handlerType))
                        .asType(MethodType.methodType(Object.class, Object.class, Object.class));
    }

    private static @Nullable JvmSignals find() {
        try {
            return new JvmSignals(
                    Class.forName("sun.misc.Signal"), Class.forName("sun.misc.SignalHandler"));
        } catch (ClassNotFoundException e) {
            return null;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("sun.misc.Signal lacks an expected method", e);
        }
    }

    /** {@return the access to signals} */
    static JvmSignals required() {
        if (PRESENT == null) {
            throw new UnsupportedOperationException(
                    "this JVM has no sun.misc.Signal, which signals need; run with --add-modules"
                            + " jdk.unsupported, or link that module into the image");
        }
        return PRESENT;
    }

    /**
     * Finds a signal.
     *
     * @throws IllegalArgumentException if the platform has no signal of that name
     */
    Object signal(String name) {
        try {
            return (Object) create.invokeExact(name);
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    int number(Object signal) {
        try {
            return (int) number.invokeExact(signal);
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    /** Creates a handler that runs a task on a JVM thread, a new one for each signal. */
    Object handler(Runnable task) {
        MethodHandle run;
        try {
            run =
                    MethodHandles.lookup()
                            .findVirtual(Runnable.class, "run", MethodType.methodType(void.class))
                            .bindTo(task);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("no Runnable.run", e);
        }
        return MethodHandleProxies.asInterfaceInstance(
                handlerType, MethodHandles.dropArguments(run, 0, Object.class));
    }

    /**
     * Installs a handler of a signal for the whole process.
     *
     * @return the previous handler, which another call can restore
     * @throws IllegalArgumentException if the JVM or the kernel reserves the signal
     */
    Object handle(Object signal, Object handler) {
        try {
            return (Object) handle.invokeExact(signal, handler);
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    private static RuntimeException rethrown(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        if (e instanceof RuntimeException unchecked) {
            return unchecked;
        }
        return new IllegalStateException(
                e); // cannot happen: the class declares no checked exception
    }
}
