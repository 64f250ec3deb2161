package io.uloop.poller.posix.call;

import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Calls functions through {@code java.lang.foreign}. All arguments and results are {@code long}:
 * the calling conventions of the supported processors pass an {@code int} in the same register, and
 * only its lower half counts. There are always six arguments, because a function ignores those that
 * it does not have. So one handle serves all functions that are not variadic. The JDK generates
 * code for each handle, which takes several milliseconds.
 *
 * <p>A function is an address, which is a constant of its caller for the JIT compiler, or the name
 * of one that the library lacks.
 *
 * <p>Public only for the generated classes. Thread-safe.
 */
public final class ForeignCalls {
    static final ForeignApi API = new ForeignApi();

    private static final MethodHandle CALL = API.caller(6, 6);

    /** Calls that do not save errno, see {@link FunctionName#QUICK}. */
    private static final class Quick {
        static final MethodHandle CALL = API.quickCaller(6);
    }

    /** As many quick calls leave errno aside instead, so that a start need not wait for that. */
    private static final int FIRST_QUICK_CALLS = 200;

    /** Approximate: concurrent increments may be lost. */
    private static int quickCalls;

    /** Where the first quick calls of all threads leave errno, which nobody reads. */
    private static final Object[] ASIDE = newErrnoMemory();

    /** Variadic functions, whose ABI differs on some systems, such as macOS on arm64. */
    private static final class VariadicAfter1 {
        static final MethodHandle CALL = API.caller(3, 1);
    }

    private static final class VariadicAfter2 {
        static final MethodHandle CALL = API.caller(3, 2);
    }

    /**
     * Where the calls of each thread leave errno: a buffer, and the segment of its memory. The
     * segment has no arena, which each call would have to keep open. Both are objects of the JDK,
     * because a thread that outlives the class loader of this class keeps them.
     */
    private static final ThreadLocal<Object[]> ERRNO =
            new ThreadLocal<>() {
                @Override
                protected Object[] initialValue() {
                    return newErrnoMemory();
                }
            };

    private ForeignCalls() {}

    private static Object[] newErrnoMemory() {
        ByteBuffer memory = ByteBuffer.allocateDirect(Integer.BYTES).order(ByteOrder.nativeOrder());
        return new Object[] {memory, API.segment(API.addressOf(memory), Integer.BYTES)};
    }

    private static Object errnoMemory() {
        return ERRNO.get()[1];
    }

    private static ByteBuffer errnoBuffer() {
        return (ByteBuffer) ERRNO.get()[0];
    }

    static int errno() {
        return errnoBuffer().getInt(0);
    }

    static void setErrno(int errno) {
        errnoBuffer().putInt(0, errno);
    }

    private static Object address(Object function) {
        if (function instanceof String name) {
            throw new UnsatisfiedLinkError(name + ": this system's library has no such function");
        }
        return function;
    }

    private static RuntimeException failure(Throwable thrown) {
        if (thrown instanceof Error e) {
            throw e;
        }
        return thrown instanceof RuntimeException e ? e : new IllegalStateException(thrown);
    }

    public static long call(Object function, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) CALL.invokeExact(address(function), errnoMemory(), a, b, c, d, e, f);
        } catch (Throwable thrown) {
            throw failure(thrown);
        }
    }

    public static long quickCall(Object function, long a, long b, long c, long d, long e, long f) {
        try {
            if (quickCalls < FIRST_QUICK_CALLS) {
                quickCalls++;
                return (long) CALL.invokeExact(address(function), ASIDE[1], a, b, c, d, e, f);
            }
            return (long) Quick.CALL.invokeExact(address(function), a, b, c, d, e, f);
        } catch (Throwable thrown) {
            throw failure(thrown);
        }
    }

    public static long callVariadicAfter1(Object function, long a, long b, long c) {
        try {
            return (long)
                    VariadicAfter1.CALL.invokeExact(address(function), errnoMemory(), a, b, c);
        } catch (Throwable thrown) {
            throw failure(thrown);
        }
    }

    public static long callVariadicAfter2(Object function, long a, long b, long c) {
        try {
            return (long)
                    VariadicAfter2.CALL.invokeExact(address(function), errnoMemory(), a, b, c);
        } catch (Throwable thrown) {
            throw failure(thrown);
        }
    }
}
