package io.uloop.misuse;

import java.lang.reflect.Method;
import java.nio.ByteBuffer;

/** Opens arenas of the foreign memory API by reflection, because JDK 17 lacks it. JDK 22 has it. */
final class Arenas {
    /** Whether this JDK has arenas. */
    static final boolean EXIST = Runtime.version().feature() >= 22;

    private Arenas() {}

    /**
     * Opens an arena.
     *
     * @param kind {@code ofShared}, {@code ofConfined} or {@code ofAuto}
     */
    static AutoCloseable open(String kind) throws ReflectiveOperationException {
        return (AutoCloseable)
                Class.forName("java.lang.foreign.Arena").getMethod(kind).invoke(null);
    }

    /** Allocates a segment and returns it as a buffer. */
    static ByteBuffer allocate(AutoCloseable arena, int bytes) throws ReflectiveOperationException {
        Class<?> arenaType = Class.forName("java.lang.foreign.Arena");
        Method allocate = arenaType.getMethod("allocate", long.class);
        Object segment = allocate.invoke(arena, (long) bytes);
        Class<?> segmentType = Class.forName("java.lang.foreign.MemorySegment");
        return (ByteBuffer) segmentType.getMethod("asByteBuffer").invoke(segment);
    }
}
