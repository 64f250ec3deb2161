package io.uloop.misuse;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A buffer between two guards. Its bytes and all that is ever sent to it come from one range, and
 * the guards hold a byte from outside of it: a byte that comes from or goes to any other place
 * shows.
 */
final class GuardedBuffer {
    private static final int GUARD_BYTES = 64;
    private static final byte GUARD = (byte) 0xee;
    private static final int FIRST = 0x40;
    private static final int COUNT = 0x40;

    private final ByteBuffer whole;
    private final int size;
    private final @Nullable AutoCloseable arena;

    /** What the calls get; its position and limit are moved by any thread at any time. */
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

    /** Creates one of any kind that this JDK has. */
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
        return new GuardedBuffer(whole, kind == 4 ? null : arena, readOnly); // none closes ofAuto
    }

    private boolean isBody(int index) {
        return index >= GUARD_BYTES && index < GUARD_BYTES + size;
    }

    boolean hasArena() {
        return arena != null;
    }

    /** Frees the memory under the buffer, if its arena lets this thread do so now. */
    void closeArena() throws Exception {
        if (arena != null) {
            arena.close();
        }
    }

    /** {@return what is wrong with the guards, or null} */
    @Nullable String guardFault() {
        try {
            for (int i = 0; i < GUARD_BYTES; i++) {
                if (whole.get(i) != GUARD || whole.get(GUARD_BYTES + size + i) != GUARD) {
                    return "a guard byte of " + whole + " was overwritten at " + i;
                }
            }
            return null;
        } catch (RuntimeException e) { // the arena is closed, or another thread's
            return null;
        }
    }

    /** {@return what is wrong with the guards and the bytes between them, or null} */
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
        } catch (RuntimeException e) { // as above
            return fault;
        }
    }
}
