package io.uloop.poller.posix.call;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The part of {@code java.lang.foreign} that a binding needs, by reflection. Its objects appear
 * here as {@link Object}. Thread-safe.
 */
final class ForeignApi {
    private static final String PACKAGE = "java.lang.foreign.";
    private static final String ERRNO = "errno";

    private final Class<?> segment = type("MemorySegment");
    private final Class<?> linkerType = type("Linker");
    private final Class<?> optionType = type("Linker$Option");
    private final Class<?> layoutType = type("MemoryLayout");
    private final Class<?> descriptorType = type("FunctionDescriptor");
    private final Class<?> lookupType = type("SymbolLookup");
    private final Class<?> arenaType = type("Arena");

    private final Object linker = call(linkerType, "nativeLinker", null);
    private final Object cLibrary = call(linkerType, "defaultLookup", linker);
    private final Object captureErrno;
    private final Object longLayout;
    private final Object globalArena = call(arenaType, "global", null);

    /** Returns the address of a buffer's position. */
    private final MethodHandle addressOfPosition;

    ForeignApi() {
        try {
            captureErrno =
                    optionType
                            .getMethod("captureCallState", String[].class)
                            .invoke(null, (Object) new String[] {ERRNO});
            longLayout = type("ValueLayout").getField("JAVA_LONG").get(null);
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            MethodHandle ofBuffer =
                    lookup.findStatic(
                            segment, "ofBuffer", MethodType.methodType(segment, Buffer.class));
            MethodHandle address =
                    lookup.findVirtual(segment, "address", MethodType.methodType(long.class));
            addressOfPosition = MethodHandles.filterReturnValue(ofBuffer, address);
        } catch (ReflectiveOperationException e) {
            throw failure(e);
        }
    }

    /**
     * Returns a handle that calls any function with a number of {@code long} arguments. Its first
     * argument is the function, its second the memory where it leaves errno. Both are of type
     * {@code Object}, so that the callers need no class of the API.
     *
     * @param fixed how many arguments are not variadic; the same number if the function is not
     */
    MethodHandle caller(int arguments, int fixed) {
        MethodHandle handle =
                fixed == arguments
                        ? handle(arguments, captureErrno)
                        : handle(arguments, captureErrno, firstVariadic(fixed));
        return handle.asType(
                handle.type()
                        .changeParameterType(0, Object.class)
                        .changeParameterType(1, Object.class));
    }

    /** Returns a handle as {@link #caller} does, but which does not save errno. */
    MethodHandle quickCaller(int arguments) {
        MethodHandle handle = handle(arguments);
        return handle.asType(handle.type().changeParameterType(0, Object.class));
    }

    private Object firstVariadic(int index) {
        try {
            return optionType.getMethod("firstVariadicArg", int.class).invoke(null, index);
        } catch (ReflectiveOperationException e) {
            throw failure(e);
        }
    }

    private MethodHandle handle(int arguments, Object... options) {
        Object layouts = Array.newInstance(layoutType, arguments);
        for (int i = 0; i < arguments; i++) {
            Array.set(layouts, i, longLayout);
        }
        Object typedOptions = Arrays.copyOf(options, options.length, optionArrayType());
        try {
            Object descriptor =
                    descriptorType
                            .getMethod("of", layoutType, layouts.getClass())
                            .invoke(null, longLayout, layouts);
            return (MethodHandle)
                    linkerType
                            .getMethod("downcallHandle", descriptorType, optionArrayType())
                            .invoke(linker, descriptor, typedOptions);
        } catch (ReflectiveOperationException e) {
            throw failure(e);
        }
    }

    @SuppressWarnings("unchecked") // an array of a type that this JDK may not have
    private Class<Object[]> optionArrayType() {
        return (Class<Object[]>) optionType.arrayType();
    }

    /**
     * Opens a library for the rest of the process.
     *
     * @param path its path, or null for the C library
     * @return where {@link #find} looks up its functions
     * @throws UnsatisfiedLinkError if it cannot be loaded
     */
    Object library(@Nullable Path path) {
        if (path == null) {
            return cLibrary;
        }
        try {
            return lookupType
                    .getMethod("libraryLookup", Path.class, arenaType)
                    .invoke(null, path, globalArena);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException cause) {
                UnsatisfiedLinkError error = new UnsatisfiedLinkError(cause.getMessage());
                error.initCause(cause);
                throw error;
            }
            throw failure(e);
        } catch (ReflectiveOperationException e) {
            throw failure(e);
        }
    }

    /** {@return the function of a library, or the name itself if it has none} */
    Object find(Object library, String name) {
        try {
            Optional<?> found =
                    (Optional<?>) lookupType.getMethod("find", String.class).invoke(library, name);
            return found.isPresent() ? found.get() : name;
        } catch (ReflectiveOperationException e) {
            throw failure(e);
        }
    }

    /** {@return the address of index 0 of a direct buffer} */
    long addressOf(ByteBuffer direct) {
        try {
            return (long) addressOfPosition.invokeExact((Buffer) direct) - direct.position();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e); // the methods declare no exception
        }
    }

    /** {@return the memory at an address as a buffer} */
    ByteBuffer view(long address, int bytes) {
        return (ByteBuffer) call(segment, "asByteBuffer", segment(address, bytes));
    }

    /** {@return the memory at an address, valid for as long as nobody frees it} */
    Object segment(long address, long bytes) {
        try {
            Object start = segment.getMethod("ofAddress", long.class).invoke(null, address);
            return segment.getMethod("reinterpret", long.class).invoke(start, bytes);
        } catch (ReflectiveOperationException e) {
            throw failure(e);
        }
    }

    private static Class<?> type(String name) {
        try {
            return Class.forName(PACKAGE + name);
        } catch (ClassNotFoundException e) {
            throw failure(e);
        }
    }

    /** Calls a method without arguments. */
    private static Object call(Class<?> type, String name, @Nullable Object receiver) {
        try {
            return type.getMethod(name).invoke(receiver);
        } catch (ReflectiveOperationException e) {
            throw failure(e);
        }
    }

    /** Returns, or throws, what a call by reflection has thrown. */
    private static RuntimeException failure(ReflectiveOperationException thrown) {
        Throwable cause = thrown instanceof InvocationTargetException ? thrown.getCause() : thrown;
        if (cause instanceof Error e) {
            throw e;
        }
        return cause instanceof RuntimeException e
                ? e
                : new UnsupportedOperationException("java.lang.foreign is not as expected", cause);
    }
}
