package io.uloop.poller.posix;

import java.io.IOException;

/**
 * Ends a kernel wait from another thread: an eventfd on Linux, a pipe where there is none. {@link
 * #signal} is for any thread, the rest for the owner.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/eventfd.2.html">eventfd(2)</a>
 */
public final class WakeupDescriptor {
    private static final int COUNTER_BYTES = 8;

    /** An eventfd takes exactly eight bytes, a number to add; a pipe takes them as well. */
    private static final Memory ONE = one();

    private final int readEnd;
    private final int writeEnd;

    private WakeupDescriptor(int readEnd, int writeEnd) {
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
    }

    /**
     * Opens the best kind that this system has.
     *
     * @return a new one, not signalled
     * @throws IOException EMFILE, ENFILE, ENOMEM
     */
    public static WakeupDescriptor open() throws IOException {
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
     * Opens a pipe, the kind that every system has.
     *
     * @return a new one, not signalled
     * @throws IOException EMFILE, ENFILE, ENOMEM
     */
    public static WakeupDescriptor openPipe() throws IOException {
        int[] ends = PosixDescriptors.INSTANCE.pipe();
        return new WakeupDescriptor(ends[0], ends[1]);
    }

    /**
     * The descriptor that becomes readable when signalled.
     *
     * @return its number
     */
    public int fd() {
        return readEnd;
    }

    /**
     * Tells whether a descriptor is part of this.
     *
     * @param fd any number
     * @return true for the ends
     */
    public boolean owns(int fd) {
        return fd == readEnd || fd == writeEnd;
    }

    /**
     * Tells whether signals that nobody drains fill this, so that the next one is no new edge.
     *
     * @return true for a pipe
     */
    public boolean fillsUp() {
        return writeEnd != readEnd;
    }

    /** Makes the descriptor readable. Neither blocks nor throws. */
    public void signal() {
        long written;
        do {
            written = Libc.CALLS.write(writeEnd, ONE.address(), COUNTER_BYTES);
        } while (written < 0 && Posix.errno() == Posix.EINTR); // EAGAIN: full, so readable already
    }

    /**
     * Takes what {@link #signal} left. Needed where the descriptor is watched by level, or {@link
     * #fillsUp}.
     */
    public void drain() {
        long sink = Scratch.mine().address(Scratch.VALUE);
        long taken;
        do {
            taken = Libc.CALLS.read(readEnd, sink, COUNTER_BYTES);
        } while (taken > 0 || (taken < 0 && Posix.errno() == Posix.EINTR)); // EAGAIN: empty
    }

    /** Closes both ends. To be called once. */
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
