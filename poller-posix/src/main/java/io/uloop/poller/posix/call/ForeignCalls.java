package io.uloop.poller.posix.call;

import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Calls functions through {@code java.lang.foreign}. All arguments and results are {@code long}:
 * the calling conventions of the supported processors pass an {@code int} in the same register, and
 * only its lower half counts. So one handle serves all functions with the same number of arguments.
 *
 * <p>A function is an address, which is a constant of its caller for the JIT compiler, or the name
 * of one that the library lacks.
 *
 * <p>Public only for the generated classes. Thread-safe.
 */
public final class ForeignCalls {
    static final ForeignApi API = new ForeignApi();

    private static final MethodHandle CALL_0 = API.caller(0, 0);
    private static final MethodHandle CALL_1 = API.caller(1, 1);
    private static final MethodHandle CALL_2 = API.caller(2, 2);
    private static final MethodHandle CALL_3 = API.caller(3, 3);
    private static final MethodHandle CALL_4 = API.caller(4, 4);
    private static final MethodHandle CALL_5 = API.caller(5, 5);
    private static final MethodHandle CALL_6 = API.caller(6, 6);

    /** Calls that do not save errno, see {@link FunctionName#QUICK}. */
    private static final MethodHandle QUICK_3 = API.quickCaller(3);

    private static final MethodHandle QUICK_4 = API.quickCaller(4);

    /** Variadic functions, whose ABI differs on some systems, such as macOS on arm64. */
    private static final MethodHandle CALL_3_AFTER_1 = API.caller(3, 1);

    private static final MethodHandle CALL_3_AFTER_2 = API.caller(3, 2);

    /**
     * Where the calls of each thread leave errno: a buffer, and the segment of its memory. The
     * segment has no arena, which each call would have to keep open. Both are objects of the JDK,
     * because a thread that outlives the class loader of this class keeps them.
     */
    private static final ThreadLocal<Object[]> ERRNO =
            ThreadLocal.withInitial(ForeignCalls::newErrnoMemory);

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

    public static long call(Object function) {
        try {
            return (long) CALL_0.invokeExact(address(function), errnoMemory());
        } catch (Throwable thrown) {
            throw failure(thrown);
        }
    }

    public static long call(Object function, long a) {
        try {
            return (long) CALL_1.invokeExact(address(function), errnoMemory(), a);
        } catch (Throwable thrown) {
            throw failure(thrown);
        }
    }

    public static long call(Object function, long a, long b) {
        try {
            return (long) CALL_2.invokeExact(address(function), errnoMemory(), a, b);
        } catch (Throwable thrown) {
            throw failure(thrown);
        }
    }

    public static long call(Object function, long a, long b, long c) {
        try {
            return (long) CALL_3.invokeExact(address(function), errnoMemory(), a, b, c);
        } catch (Throwable thrown) {
            throw failure(thrown);
        }
    }

    public static long call(Object function, long a, long b, long c, long d) {
        try {
            return (long) CALL_4.invokeExact(address(function), errnoMemory(), a, b, c, d);
        } catch (Throwable thrown) {
            throw failure(thrown);
        }
    }

    public static long call(Object function, long a, long b, long c, long d, long e) {
        try {
            return (long) CALL_5.invokeExact(address(function), errnoMemory(), a, b, c, d, e);
        } catch (Throwable thrown) {
            throw failure(thrown);
        }
    }

    public static long call(Object function, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) CALL_6.invokeExact(address(function), errnoMemory(), a, b, c, d, e, f);
        } catch (Throwable thrown) {
            throw failure(thrown);
        }
    }

    public static long callVariadicAfter1(Object function, long a, long b, long c) {
        try {
            return (long) CALL_3_AFTER_1.invokeExact(address(function), errnoMemory(), a, b, c);
        } catch (Throwable thrown) {
            throw failure(thrown);
        }
    }

    public static long callVariadicAfter2(Object function, long a, long b, long c) {
        try {
            return (long) CALL_3_AFTER_2.invokeExact(address(function), errnoMemory(), a, b, c);
        } catch (Throwable thrown) {
            throw failure(thrown);
        }
    }

    public static long quickCall(Object function, long a, long b, long c) {
        try {
            return (long) QUICK_3.invokeExact(address(function), a, b, c);
        } catch (Throwable thrown) {
            throw failure(thrown);
        }
    }

    public static long quickCall(Object function, long a, long b, long c, long d) {
        try {
            return (long) QUICK_4.invokeExact(address(function), a, b, c, d);
        } catch (Throwable thrown) {
            throw failure(thrown);
        }
    }
}
