package io.uloop.poller.posix.call;

import java.lang.invoke.MethodHandle;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The methods of {@code java.lang.foreign} that a binding needs, under their names there, with
 * {@link Object} for the types of that package. The receiver is the first argument. {@link
 * ForeignMethodsClass} generates the implementation, because this module is compiled for a JDK
 * without that package, and reflection would take several times as long.
 */
interface ForeignMethods {
    /** Linker. */
    Object nativeLinker();

    Object defaultLookup(Object linker);

    MethodHandle downcallHandle(Object linker, Object function, Object[] options);

    Map<String, ?> canonicalLayouts(Object linker);

    /** Linker.Option. */
    Object captureCallState(String[] names);

    Object firstVariadicArg(int index);

    /** FunctionDescriptor. */
    Object of(Object result, Object[] arguments);

    /** SymbolLookup. */
    Object libraryLookup(Path path, Object arena);

    Optional<?> find(Object lookup, String name);

    /** Arena. */
    Object global();

    /** MemorySegment. */
    Object ofAddress(long address);

    Object ofBuffer(Buffer buffer);

    Object reinterpret(Object segment, long bytes);

    ByteBuffer asByteBuffer(Object segment);

    long address(Object segment);
}
