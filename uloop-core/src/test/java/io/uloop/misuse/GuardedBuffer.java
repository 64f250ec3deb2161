package io.uloop.misuse;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A buffer between two guards. All its bytes and all bytes ever sent to it come from one range, and
 * the guards hold a byte outside that range. So any byte read from or written to another place is
 * detected.
 */
final class GuardedBuffer {
    private static final int GUARD_BYTES = 64;
    private static final byte GUARD = (byte) 0xee;
    private static final int FIRST = 0x40;
    private static final int COUNT = 0x40;

    private final ByteBuffer whole;
    private final int size;
    private final @Nullable AutoCloseable arena;

    /** The buffer passed to calls. Any thread may move its position and limit at any time. */
    final ByteBuffer body;

    private GuardedBuffer(ByteBuffer whole, @Nullable AutoCloseable arena, boolean readOnly) {
        this.whole = whole;
        this.arena = arena;
        size = whole.capacity() - 2 * GUARD_BYTES;
        for (int i = 0; i < whole.capacity(); i++) {
            whole.put(i, isBody(i) ? (byte) (FIRST + i % COUNT) : GUARD);
        }
        ByteBuffer slice = whole.slice(GUARD_BYTES, size);
        body = readOnly ? slice.asReadOnlyBuffer() : slice;
    }

    /** Creates a buffer of a random kind that this JDK supports. */
    static GuardedBuffer random(SplittableRandom random) throws ReflectiveOperationException {
        int size = random.nextInt(8) == 0 ? random.nextInt(200_000) : random.nextInt(2_000);
        int bytes = size + 2 * GUARD_BYTES;
        boolean readOnly = random.nextInt(16) == 0;
        int kind = random.nextInt(Arenas.EXIST ? 5 : 2);
        if (kind < 2) {
            ByteBuffer whole =
                    kind == 0 ? ByteBuffer.allocate(bytes) : ByteBuffer.allocateDirect(bytes);
            return new GuardedBuffer(whole, null, readOnly);
        }
        AutoCloseable arena =
                Arenas.open(kind == 2 ? "ofShared" : kind == 3 ? "ofConfined" : "ofAuto");
        ByteBuffer whole = Arenas.allocate(arena, bytes);
        return new GuardedBuffer(
                whole, kind == 4 ? null : arena, readOnly); // ofAuto cannot be closed
    }

    private boolean isBody(int index) {
        return index >= GUARD_BYTES && index < GUARD_BYTES + size;
    }

    boolean hasArena() {
        return arena != null;
    }

    /** Frees the buffer's memory if its arena allows this thread to do so now. */
    void closeArena() throws Exception {
        if (arena != null) {
            arena.close();
        }
    }

    /** {@return the fault found in the guards, or null} */
    @Nullable String guardFault() {
        try {
            for (int i = 0; i < GUARD_BYTES; i++) {
                if (whole.get(i) != GUARD || whole.get(GUARD_BYTES + size + i) != GUARD) {
                    return "a guard byte of " + whole + " was overwritten at " + i;
                }
            }
            return null;
        } catch (RuntimeException e) { // the arena is closed or belongs to another thread
            return null;
        }
    }

    /** {@return the fault found in the guards or between them, or null} */
    @Nullable String fault() {
        String fault = guardFault();
        try {
            for (int i = GUARD_BYTES; i < GUARD_BYTES + size && fault == null; i++) {
                int value = Byte.toUnsignedInt(whole.get(i));
                if (value < FIRST || value >= FIRST + COUNT) {
                    fault = "a foreign byte " + value + " is in " + whole + " at " + i;
                }
            }
            return fault;
        } catch (RuntimeException e) { // see guardFault
            return fault;
        }
    }
}
