package io.uloop.poller.posix.memory;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Determines which direct buffers keep their memory for as long as they are reachable. A buffer
 * over a {@code MemorySegment} of a closeable arena does not: any thread may free its memory, or
 * only one thread may access it. Buffers of unknown kinds are treated the same way.
 *
 * <p>Each kind of arena has its own scope class in the JDK. This class finds the scope classes that
 * last by creating one of each through public methods of {@code java.lang.foreign}. Thread-safe.
 */
final class BufferLifetimes {
    /** Maps a direct buffer to the class of its scope; null if this JVM has no memory segments. */
    private static final @Nullable MethodHandle SCOPE_CLASS;

    private static final boolean SEGMENTS_EXIST;
    private static final @Nullable Class<?> ORDINARY;
    private static final @Nullable Class<?> AUTOMATIC;
    private static final @Nullable Class<?> GLOBAL;

    static {
        MethodHandle scopeClass = null;
        boolean segmentsExist = true;
        Class<?> ordinary = null;
        Class<?> automatic = null;
        Class<?> global = null;
        try {
            Class<?> segment = Class.forName("java.lang.foreign.MemorySegment");
            Class<?> arena = Class.forName("java.lang.foreign.Arena");
            MethodHandle found = scopeClass(segment);
            Set<Class<?>> closeable = new HashSet<>();
            closeable.add(scopeClassOf(arena, "ofConfined"));
            closeable.add(scopeClassOf(arena, "ofShared"));
            ordinary = lasting((Class<?>) found.invoke(ByteBuffer.allocateDirect(1)), closeable);
            automatic = lasting(scopeClassOf(arena, "ofAuto"), closeable);
            global = lasting(scopeClassOf(arena, "global"), closeable);
            scopeClass = found;
        } catch (ClassNotFoundException e) {
            segmentsExist = ModuleLayer.boot().findModule("jdk.incubator.foreign").isPresent();
        } catch (Error e) {
            throw e;
        } catch (Throwable e) {
            // An unknown version of the API. Segments exist, so no buffer is known to last.
        }
        SCOPE_CLASS = scopeClass;
        SEGMENTS_EXIST = segmentsExist;
        ORDINARY = ordinary;
        AUTOMATIC = automatic;
        GLOBAL = global;
    }

    private BufferLifetimes() {}

    /** Returns whether a direct buffer's memory stays valid while the buffer is reachable. */
    static boolean lasts(ByteBuffer direct) {
        if (SCOPE_CLASS == null) {
            return !SEGMENTS_EXIST;
        }
        Class<?> scope;
        try {
            scope = (Class<?>) SCOPE_CLASS.invokeExact(direct);
        } catch (Error e) {
            throw e;
        } catch (Throwable e) {
            return false;
        }
        return scope == ORDINARY || scope == AUTOMATIC || scope == GLOBAL;
    }

    private static MethodHandle scopeClass(Class<?> segment) throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        MethodHandle ofBuffer =
                lookup.findStatic(
                        segment, "ofBuffer", MethodType.methodType(segment, Buffer.class));
        Class<?> scope = segment.getMethod("scope").getReturnType();
        MethodHandle scopeOf = lookup.findVirtual(segment, "scope", MethodType.methodType(scope));
        MethodHandle classOf =
                lookup.findVirtual(Object.class, "getClass", MethodType.methodType(Class.class));
        return MethodHandles.filterReturnValue(
                        MethodHandles.filterReturnValue(ofBuffer, scopeOf),
                        classOf.asType(MethodType.methodType(Class.class, scope)))
                .asType(MethodType.methodType(Class.class, ByteBuffer.class));
    }

    private static Class<?> scopeClassOf(Class<?> arena, String factory)
            throws ReflectiveOperationException {
        Object opened = arena.getMethod(factory).invoke(null);
        Object scope = arena.getMethod("scope").invoke(opened);
        if (factory.equals("ofConfined") || factory.equals("ofShared")) {
            arena.getMethod("close").invoke(opened);
        }
        return scope.getClass();
    }

    private static @Nullable Class<?> lasting(Class<?> scope, Set<Class<?>> closeable) {
        return closeable.contains(scope) ? null : scope;
    }
}
