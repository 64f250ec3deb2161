package io.uloop.poller.posix.process;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.Memory;
import java.nio.ByteBuffer;
import java.util.BitSet;

/** The processors of the calling thread, on Linux. Thread-safe. */
final class Affinity {
    /** The size of a mask for as many processors as Linux can be configured for. */
    private static final int BYTES = 1024;

    private static final int THIS_THREAD = 0;

    private Affinity() {}

    static void set(BitSet processors) throws PollerException {
        if (processors.length() > BYTES * Byte.SIZE) {
            throw new PollerException(
                    "sched_setaffinity",
                    processors.toString(),
                    -1,
                    Errno.EINVAL,
                    "Linux has at most " + BYTES * Byte.SIZE + " processors");
        }
        Memory mask = Memory.allocate(BYTES);
        try {
            ByteBuffer words = mask.view();
            long[] bits = processors.toLongArray();
            for (int i = 0; i < bits.length; i++) {
                words.putLong(i * Long.BYTES, bits[i]); // the kernel's words are native, too
            }
            if (Linux.CALLS.sched_setaffinity(THIS_THREAD, BYTES, mask.address()) < 0) {
                throw Posix.failure("sched_setaffinity", processors.toString(), -1);
            }
        } finally {
            mask.free();
        }
    }

    static BitSet get() throws PollerException {
        Memory mask = Memory.allocate(BYTES);
        try {
            if (Linux.CALLS.sched_getaffinity(THIS_THREAD, BYTES, mask.address()) < 0) {
                throw Posix.failure("sched_getaffinity", "", -1);
            }
            long[] bits = new long[BYTES / Long.BYTES];
            for (int i = 0; i < bits.length; i++) {
                bits[i] = mask.view().getLong(i * Long.BYTES);
            }
            return BitSet.valueOf(bits);
        } finally {
            mask.free();
        }
    }
}
