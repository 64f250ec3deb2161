package io.uloop.poller.posix.file;

import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Scratch;

/**
 * Wakes a thread that waits in the kernel: an eventfd on Linux, otherwise a pipe. Not thread-safe:
 * call from the loop's thread. Only {@link #signal} is thread-safe.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/eventfd.2.html">eventfd(2)</a>
 */
public final class WakeupDescriptor {
    private static final int COUNTER_BYTES = 8;

    /** The number 1 in eight bytes, the size that an eventfd requires and a pipe accepts. */
    private static final Memory ONE = one();

    private final int readEnd;
    private final int writeEnd;

    private WakeupDescriptor(int readEnd, int writeEnd) {
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
    }

    /**
     * Opens an eventfd, or a pipe if this system has none.
     *
     * @return a new instance, not signalled
     * @throws PollerException EMFILE, ENFILE, ENOMEM
     */
    public static WakeupDescriptor open() throws PollerException {
        if (!Linux.HERE) {
            return openPipe();
        }
        int counter = Linux.CALLS.eventfd(0, Opener.FLAGS);
        if (counter < 0) {
            if (Posix.isRefusedByKernel(Posix.errno())) {
                return openPipe();
            }
            throw Posix.failure("eventfd", "", -1);
        }
        return new WakeupDescriptor(counter, counter);
    }

    /**
     * Opens a pipe, which every system has.
     *
     * @return a new instance, not signalled
     * @throws PollerException EMFILE, ENFILE, ENOMEM
     */
    public static WakeupDescriptor openPipe() throws PollerException {
        Descriptors.Pipe pipe = Opener.NATIVE.pipe();
        return new WakeupDescriptor(pipe.readEnd(), pipe.writeEnd());
    }

    /** {@return the descriptor that becomes readable when signalled} */
    public int fd() {
        return readEnd;
    }

    /**
     * Returns whether a descriptor belongs to this object.
     *
     * @param fd any number
     * @return true for either end
     */
    public boolean owns(int fd) {
        return fd == readEnd || fd == writeEnd;
    }

    /**
     * Returns whether undrained signals can fill this descriptor, so that further ones are not new
     * edges.
     *
     * @return true for a pipe
     */
    public boolean fillsUp() {
        return writeEnd != readEnd;
    }

    /** Makes the descriptor readable. Never blocks or throws. */
    public void signal() {
        long written;
        do {
            written = Libc.CALLS.write(writeEnd, ONE.address(), COUNTER_BYTES);
        } while (written < 0 && Posix.errno() == Posix.EINTR); // EAGAIN: full, so readable
    }

    /** Drains the signals. Required if the descriptor is level-triggered or {@link #fillsUp}. */
    public void drain() {
        long sink = Scratch.mine().address(Scratch.VALUE);
        long taken;
        do {
            taken = Libc.CALLS.read(readEnd, sink, COUNTER_BYTES);
        } while (taken > 0 || (taken < 0 && Posix.errno() == Posix.EINTR)); // EAGAIN: empty
    }

    /** Closes both ends. Must be called at most once. */
    public void close() {
        Libc.CALLS.close(readEnd);
        if (writeEnd != readEnd) {
            Libc.CALLS.close(writeEnd);
        }
    }

    private static Memory one() {
        Memory one = Memory.allocate(COUNTER_BYTES);
        one.view().putLong(0, 1);
        return one;
    }
}
