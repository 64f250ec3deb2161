package io.uloop.poller.posix.call;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The part of {@code java.lang.foreign} that a binding needs. Its objects appear here as {@link
 * Object}. Thread-safe.
 */
final class ForeignApi {
    private final ForeignMethods methods = ForeignMethodsClass.newInstance();
    private final Object linker = methods.nativeLinker();
    private final Object cLibrary = methods.defaultLookup(linker);
    private final Object captureErrno = methods.captureCallState(new String[] {"errno"});
    private final Object longLayout =
            Objects.requireNonNull(methods.canonicalLayouts(linker).get("long long"));

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
                        : handle(arguments, captureErrno, methods.firstVariadicArg(fixed));
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

    private MethodHandle handle(int arguments, Object... options) {
        Object[] layouts = array("java.lang.foreign.MemoryLayout", arguments);
        Arrays.fill(layouts, longLayout);
        Object[] typedOptions = array("java.lang.foreign.Linker$Option", options.length);
        System.arraycopy(options, 0, typedOptions, 0, options.length);
        return methods.downcallHandle(linker, methods.of(longLayout, layouts), typedOptions);
    }

    private static Object[] array(String type, int length) {
        try {
            return (Object[]) Array.newInstance(Class.forName(type), length);
        } catch (ClassNotFoundException e) {
            throw new UnsupportedOperationException(e);
        }
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
            return methods.libraryLookup(path, methods.global());
        } catch (IllegalArgumentException e) {
            UnsatisfiedLinkError error = new UnsatisfiedLinkError(e.getMessage());
            error.initCause(e);
            throw error;
        }
    }

    /** {@return the function of a library, or the name itself if it has none} */
    Object find(Object library, String name) {
        Optional<?> found = methods.find(library, name);
        return found.isPresent() ? found.get() : name;
    }

    /** {@return the address of index 0 of a direct buffer} */
    long addressOf(ByteBuffer direct) {
        // Of a view whose position nobody else moves, because a segment begins at the position.
        return methods.address(methods.ofBuffer(direct.slice(0, 0)));
    }

    /** {@return the memory at an address as a buffer} */
    ByteBuffer view(long address, int bytes) {
        return methods.asByteBuffer(segment(address, bytes));
    }

    /** {@return the memory at an address, valid for as long as nobody frees it} */
    Object segment(long address, long bytes) {
        return methods.reinterpret(methods.ofAddress(address), bytes);
    }
}
