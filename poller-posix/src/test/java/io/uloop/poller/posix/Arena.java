package io.uloop.poller.posix;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;

/**
 * An arena of {@code java.lang.foreign}, used by reflection because the tests are compiled for JDK
 * 17.
 */
public final class Arena implements AutoCloseable {
    private static final String PACKAGE = "java.lang.foreign.";

    private final Object arena;

    private Arena(String factory) throws ReflectiveOperationException {
        arena = Class.forName(PACKAGE + "Arena").getMethod(factory).invoke(null);
    }

    /**
     * Opens an arena. Skips the test on a JDK without arenas.
     *
     * @param factory ofConfined, ofShared, ofAuto or global
     */
    public static Arena open(String factory) throws ReflectiveOperationException {
        assumeTrue(Runtime.version().feature() >= 22, "this JDK has no arenas");
        return new Arena(factory);
    }

    public ByteBuffer allocate(long bytes) throws ReflectiveOperationException {
        Object segment =
                Class.forName(PACKAGE + "SegmentAllocator")
                        .getMethod("allocate", long.class, long.class)
                        .invoke(arena, bytes, 1L);
        return (ByteBuffer)
                Class.forName(PACKAGE + "MemorySegment").getMethod("asByteBuffer").invoke(segment);
    }

    @Override
    public void close() throws ReflectiveOperationException {
        Class.forName(PACKAGE + "Arena").getMethod("close").invoke(arena);
    }
}
