package io.uloop.poller.poll;

import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.posix.call.PollCalls;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.file.FileIdentity;
import io.uloop.poller.posix.file.WakeupDescriptor;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Timespec;
import io.uloop.poller.spi.ReadinessPoller;
import io.uloop.poller.spi.Registrations;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Polls with poll(2), passing the kernel one array of descriptors. Slot 0 is the wakeup. Removing a
 * slot moves the last one into it. Paused and disarmed descriptors stay in place as {@code ~fd},
 * which the kernel skips.
 *
 * <p>The kernel keeps no state, so the poller makes the checks that epoll would make: add looks up
 * the kind of file, and modify whether the descriptor is open. A poll takes time proportional to
 * the number of registrations.
 */
final class PollPoller extends ReadinessPoller {
    private static final int INITIAL_CAPACITY = 64;
    private static final int WAKEUP_SLOT = 0;

    private final PollCalls calls;
    private final WakeupDescriptor wakeup;

    private Memory block = PollEvents.allocate(INITIAL_CAPACITY);
    private int capacity = INITIAL_CAPACITY;
    private int used = 1;
    private int scanStart;
    private boolean hasPpoll = true;

    /** The system call that may have failed. */
    private String called = "";

    // Indexed by slot.
    private long[] tokens = new long[INITIAL_CAPACITY];
    private @Nullable FileIdentity[] files = new FileIdentity[INITIAL_CAPACITY];

    // Indexed by descriptor.
    private int[] slots = new int[INITIAL_CAPACITY];

    private PollPoller(PollCalls calls, WakeupDescriptor wakeup) {
        super("poll", PollProvider.SUPPORTED_EVENTS, PosixDescriptors.INSTANCE::closes);
        this.calls = calls;
        this.wakeup = wakeup;
        PollEvents.set(block, WAKEUP_SLOT, wakeup.fd(), UEvent.IN);
    }

    static PollPoller open(PollCalls calls) throws PollerException {
        WakeupDescriptor wakeup = WakeupDescriptor.open();
        try {
            return new PollPoller(calls, wakeup);
        } catch (Error e) { // out of memory
            wakeup.close();
            throw e;
        }
    }

    @Override
    protected void await(long timeoutNanos) throws PollerException {
        int ready = timeoutNanos > 0 ? waitAtMost(timeoutNanos) : wait(timeoutNanos < 0 ? -1 : 0);
        if (ready < 0) {
            if (Posix.errno() == Posix.EINTR) {
                return;
            }
            throw Posix.failure(called, used + " descriptors", -1);
        }
        if (ready > 0 && PollEvents.events(block, WAKEUP_SLOT) != 0) {
            wakeup.drain();
            ready--;
        }
        scan(ready);
    }

    /** Starts one slot further each time, so that no descriptor always comes first. */
    private void scan(int ready) {
        int users = used - 1;
        int left = ready;
        if (++scanStart >= users) {
            scanStart = 0;
        }
        for (int i = 0; left > 0 && i < users; i++) {
            int slot = 1 + scanStart + i;
            if (slot >= used) {
                slot -= users;
            }
            int events = PollEvents.events(block, slot);
            if (events != 0) {
                report(tokens[slot], events);
                left--;
            }
        }
    }

    /**
     * Waits with poll, which costs less than ppoll. If it fails, another call that does not wait
     * finds out why. By then a signal is over, so that call succeeds.
     *
     * @param timeoutMillis 0 does not wait, -1 waits indefinitely
     */
    private int wait(int timeoutMillis) {
        int ready = calls.quick_poll(PollEvents.array(block), used, timeoutMillis);
        return ready >= 0 ? ready : waitMillis(0);
    }

    private int waitMillis(int timeoutMillis) {
        called = "poll";
        return calls.poll(PollEvents.array(block), used, timeoutMillis);
    }

    private int waitAtMost(long timeoutNanos) {
        if (hasPpoll) {
            called = "ppoll";
            PollEvents.setTimespec(block, timeoutNanos);
            try {
                int ready =
                        calls.ppoll(PollEvents.array(block), used, PollEvents.timespec(block), 0);
                if (ready >= 0 || !Posix.isRefusedByKernel(Posix.errno())) {
                    return ready;
                }
                hasPpoll = false;
            } catch (UnsatisfiedLinkError e) {
                hasPpoll = false; // macOS has no ppoll
            }
        }
        return waitMillis(Timespec.toMillis(timeoutNanos));
    }

    @Override
    protected void register(int fd, int interest, long token) throws PollerException {
        FileIdentity file = FileIdentity.of(fd);
        if (!file.isWatchable(fd)) {
            throw Posix.failure("poll", "ADD", fd, Posix.EPERM);
        }
        if (used == capacity) {
            grow();
        }
        if (fd >= slots.length) {
            slots = Arrays.copyOf(slots, Math.max(fd + 1, slots.length * 2));
        }
        slots[fd] = used;
        tokens[used] = token;
        files[used] = file;
        watch(used, fd, interest);
        used++;
    }

    @Override
    protected void reregister(int fd, int interest, long token) throws PollerException {
        if (!PosixDescriptors.INSTANCE.isOpen(fd)) {
            throw Posix.failure("poll", "MOD", fd, Posix.EBADF);
        }
        tokens[slots[fd]] = token;
        watch(slots[fd], fd, interest);
    }

    @Override
    protected void unregister(int fd) {
        int hole = slots[fd];
        int last = --used;
        if (hole != last) {
            PollEvents.move(block, last, hole);
            tokens[hole] = tokens[last];
            files[hole] = files[last];
            slots[Registrations.fd(tokens[hole])] = hole;
        }
        files[last] = null;
    }

    @Override
    protected boolean isStale(int fd) {
        try {
            return !FileIdentity.of(fd).equals(files[slots[fd]]);
        } catch (PollerException e) {
            return true; // EBADF
        }
    }

    @Override
    protected boolean owns(int fd) {
        return wakeup.owns(fd);
    }

    @Override
    protected void disarm(int fd) {
        PollEvents.setDescriptor(block, slots[fd], ~fd);
    }

    @Override
    protected void signal() {
        wakeup.signal();
    }

    @Override
    protected void free() {
        wakeup.close();
        block.free();
    }

    private void watch(int slot, int fd, int interest) {
        boolean silent = (interest & UEvent.INTERESTS) == 0;
        PollEvents.set(block, slot, silent ? ~fd : fd, interest & PollProvider.INTERESTS);
    }

    /** Grows the arrays. Leaves them unchanged if there is not enough memory. */
    private void grow() {
        long[] grownTokens = Arrays.copyOf(tokens, capacity * 2);
        @Nullable FileIdentity[] grownFiles = Arrays.copyOf(files, capacity * 2);
        Memory grown = PollEvents.allocate(capacity * 2);
        PollEvents.copy(block, grown, used);
        block.free();
        block = grown;
        tokens = grownTokens;
        files = grownFiles;
        capacity *= 2;
    }
}
