package io.uloop.poller.tck.fuzz;

import static io.uloop.poller.UEvent.EDGE;
import static io.uloop.poller.UEvent.ERR;
import static io.uloop.poller.UEvent.HUP;
import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.INTERESTS;
import static io.uloop.poller.UEvent.NVAL;
import static io.uloop.poller.UEvent.ONESHOT;
import static io.uloop.poller.UEvent.OUT;

import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Errno;
import io.uloop.poller.EventSink;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A poller that implements the contract, except for the fault of its kernel. */
final class FaultyPoller implements Poller {
    /** The fake files change only in the polling thread, so only a wakeup ends a wait. */
    private static final long PARK_NANOS = 1_000_000;

    private static final class Watch {
        final FakeKernel.Slot slot;
        int interest;
        boolean armed = true;
        boolean isNew; // added since the poll started
        int newsSeen = -1;

        Watch(FakeKernel.Slot slot, int interest) {
            this.slot = slot;
            this.interest = interest;
        }
    }

    private record Entry(int fd, Watch watch, int raw) {}

    private final FakeKernel kernel;
    private final Fault fault;
    private final Map<Integer, Watch> watches = new TreeMap<>();
    private final Deque<Entry> batch = new ArrayDeque<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Thread owner = Thread.currentThread();
    private boolean inside;
    private @Nullable Thread polling;
    private boolean closed;
    private int sinkCalls;

    /** The descriptor for watchers, or 0. */
    private int own;

    FaultyPoller(FakeKernel kernel) {
        this.kernel = kernel;
        this.fault = kernel.fault;
    }

    private boolean has(Fault wanted) {
        return fault == wanted;
    }

    private PollerException error(int fd, Errno errno) {
        return new PollerException("fake", "", fd, errno, "injected");
    }

    private boolean isStale(int fd, Watch watch) {
        return !has(Fault.A_NUMBER_KEEPS_ITS_REGISTRATION_WHEN_CLOSED)
                && kernel.slot(fd) != watch.slot;
    }

    private void check(int interest) {
        if (closed) {
            throw new ClosedPollerException();
        }
        if (inside && polling != Thread.currentThread() && !has(Fault.ANOTHER_THREAD_IS_LET_IN)) {
            throw new IllegalStateException("another thread");
        }
        if ((interest & ~(INTERESTS | UEvent.MODES)) != 0) {
            throw new IllegalArgumentException();
        }
        if ((interest & UEvent.EXCLUSIVE) != 0) {
            throw new UnsupportedOperationException();
        }
    }

    @Override
    public void add(int fd, int interest) throws PollerException {
        check(interest);
        FakeKernel.Slot slot = kernel.slot(fd);
        if (slot == null) {
            if (has(Fault.ADD_OF_A_CLOSED_ONE_LEAVES_AN_ENTRY)) {
                FakeKernel.File file = new FakeKernel.File(true, true);
                watches.put(fd, new Watch(new FakeKernel.Slot(file), interest));
            }
            throw error(fd, Errno.EBADF);
        }
        Watch former = watches.get(fd);
        boolean taken = former != null && !isStale(fd, former);
        if (taken && !has(Fault.ACCEPTS_A_SECOND_ADD)) {
            throw error(fd, Errno.EEXIST);
        }
        Watch watch = new Watch(slot, interest);
        watch.isNew = inside;
        watches.put(fd, watch);
    }

    @Override
    public void modify(int fd, int interest) throws PollerException {
        check(interest);
        Watch watch = watches.get(fd);
        if (watch == null) {
            if (has(Fault.MODIFY_OF_AN_UNKNOWN_ONE_IS_SILENT)) {
                return;
            }
            throw error(fd, Errno.ENOENT);
        }
        if (isStale(fd, watch)) {
            if (!has(Fault.MODIFY_OF_A_CLOSED_ONE_KEEPS_THE_ENTRY)) {
                watches.remove(fd);
            }
            throw error(fd, Errno.EBADF);
        }
        boolean dropsQueued =
                (interest & ONESHOT) != 0 || has(Fault.MODIFIED_IN_THE_BATCH_GETS_NONE);
        if (dropsQueued && !has(Fault.MODIFIED_IN_THE_BATCH_GETS_THE_OLD_EVENT)) {
            batch.removeIf(entry -> entry.watch() == watch);
        }
        watch.interest =
                has(Fault.MODIFY_ADDS_TO_THE_INTEREST) ? watch.interest | interest : interest;
        watch.armed |= !has(Fault.MODIFY_DOES_NOT_REARM_A_SHOT);
        if (!has(Fault.MODIFY_DOES_NOT_REARM_AN_EDGE)) {
            watch.newsSeen = -1;
        }
    }

    @Override
    public void remove(int fd) throws PollerException {
        check(0);
        Watch watch = watches.remove(fd);
        if (watch == null && !has(Fault.REMOVE_OF_AN_UNKNOWN_ONE_IS_SILENT)) {
            throw error(fd, Errno.ENOENT);
        }
        if (watch != null && has(Fault.A_DUPLICATE_LEAVES_WITH_ITS_TWIN)) {
            watches.values().removeIf(other -> other.slot.file == watch.slot.file);
        }
    }

    @Override
    public int poll(long timeoutNanos, EventSink sink) {
        check(0);
        if (inside && has(Fault.NESTED_POLL_IS_ALLOWED)) {
            return 0;
        }
        if (inside) {
            throw new IllegalStateException("nested");
        }
        inside = true;
        polling = Thread.currentThread();
        try {
            return pollOnce(timeoutNanos, sink);
        } finally {
            inside = false;
            watches.values().forEach(watch -> watch.isNew = false);
        }
    }

    private int pollOnce(long timeoutNanos, EventSink sink) {
        long start = System.nanoTime();
        sinkCalls = 0;
        if (has(Fault.WHAT_A_THROW_LEFT_COMES_LAST) && !batch.isEmpty()) {
            Deque<Entry> left = new ArrayDeque<>(batch);
            batch.clear();
            gather();
            batch.removeIf(entry -> left.stream().anyMatch(other -> other.fd() == entry.fd()));
            batch.addAll(left);
        }
        boolean leftOver = !batch.isEmpty();
        deliver(sink);
        if (leftOver && has(Fault.NOTHING_LEFT_BY_A_THROW_ENDS_THE_POLL)) {
            return sinkCalls;
        }
        while (sinkCalls == 0 && !closed) {
            gather();
            if (!batch.isEmpty() && timeoutNanos != 0) {
                takeWakeup();
            }
            deliver(sink);
            long left = timeoutNanos - (System.nanoTime() - start);
            boolean isOver = left <= 0 || (timeoutNanos > 0 && has(Fault.RETURNS_EARLY));
            if (sinkCalls > 0 || (timeoutNanos >= 0 && isOver) || takeWakeup()) {
                break;
            }
            LockSupport.parkNanos(timeoutNanos < 0 ? PARK_NANOS : Math.min(left, PARK_NANOS));
        }
        return sinkCalls + (has(Fault.COUNTS_ONE_TOO_MANY) && sinkCalls == 2 ? 1 : 0);
    }

    private boolean takeWakeup() {
        return has(Fault.WAKEUP_IS_NOT_USED_UP) ? woken.get() : woken.getAndSet(false);
    }

    private void gather() {
        watches.forEach(
                (fd, watch) -> {
                    int raw = raw(fd, watch);
                    if (has(Fault.ONLY_THE_LAST_IS_REPORTED) && raw != 0) {
                        batch.clear();
                    }
                    if (has(Fault.ONE_EVENT_PER_BIT) && Integer.bitCount(raw) > 1) {
                        int bit = Integer.lowestOneBit(raw);
                        batch.add(new Entry(fd, watch, bit));
                        batch.add(new Entry(fd, watch, raw & ~bit));
                    } else if (raw != 0) {
                        batch.add(new Entry(fd, watch, raw));
                    }
                });
    }

    /** Returns the events that the kernel would put into the batch, which fires a ONESHOT. */
    private int raw(int fd, Watch watch) {
        boolean isSilent = !watch.armed || (watch.interest & INTERESTS) == 0;
        if (isStale(fd, watch)) {
            return isSilent ? 0 : NVAL;
        }
        FakeKernel.File file = now(fd, watch);
        if (file == null) {
            return 0;
        }
        int raw = visible(file.readiness(), watch.interest);
        if (isSilent) {
            boolean hangsUp =
                    watch.armed
                            ? has(Fault.A_PAUSED_ONE_HANGS_UP)
                            : has(Fault.A_SHOT_STILL_HANGS_UP);
            return hangsUp ? raw & HUP : 0;
        }
        if (has(Fault.HANG_UP_IS_INVENTED) && raw == IN) {
            raw |= HUP;
        }
        if (has(Fault.READINESS_IS_INVENTED) && raw == 0) {
            raw = watch.interest & IN;
        }
        if ((watch.interest & EDGE) != 0) {
            boolean isOld =
                    has(Fault.NEWS_OF_AN_EDGE_GET_LOST)
                            ? watch.newsSeen >= 0
                            : watch.newsSeen == file.news;
            if (isOld) {
                return 0;
            }
            watch.newsSeen = file.news;
        }
        if (raw != 0 && (watch.interest & ONESHOT) != 0) {
            watch.armed = has(Fault.A_SHOT_IS_NOT_DISARMED);
        }
        return raw;
    }

    /** Returns the file that a kernel would check if it tracked numbers instead of files. */
    private FakeKernel.@Nullable File now(int fd, Watch watch) {
        FakeKernel.Slot slot =
                has(Fault.A_NUMBER_KEEPS_ITS_REGISTRATION_WHEN_CLOSED)
                        ? kernel.slot(fd)
                        : watch.slot;
        return slot == null ? null : slot.file;
    }

    private int visible(int raw, int interest) {
        int events = raw & (interest | ERR | HUP | NVAL);
        if ((raw & (ERR | HUP)) != 0 && !has(Fault.HANG_UP_WITHOUT_READINESS)) {
            events |= interest & (IN | OUT);
        }
        return events;
    }

    private void deliver(EventSink sink) {
        while (!batch.isEmpty() && (!closed || has(Fault.GOES_ON_AFTER_CLOSE))) {
            Entry entry = batch.remove();
            int events = admit(entry);
            if (events != 0) {
                hand(entry, events, sink);
            }
        }
    }

    private int admit(Entry entry) {
        Watch watch = watches.get(entry.fd());
        if (watch == null) {
            return has(Fault.REMOVED_IN_THE_BATCH_IS_DELIVERED) ? entry.raw() : 0;
        }
        if (watch != entry.watch()) {
            return has(Fault.ADDED_IN_THE_BATCH_GETS_THE_OLD_EVENT) ? entry.raw() : 0;
        }
        if (isStale(entry.fd(), watch)) {
            boolean isRepeated = has(Fault.NVAL_IS_REPEATED);
            if (!isRepeated) {
                watches.remove(entry.fd());
            }
            return entry.raw() & NVAL;
        }
        return has(Fault.MODIFIED_IN_THE_BATCH_GETS_THE_OLD_EVENT)
                        || (has(Fault.A_PAUSED_ONE_HANGS_UP) && (watch.interest & INTERESTS) == 0)
                ? entry.raw()
                : (watch.interest & INTERESTS) == 0 ? 0 : visible(entry.raw(), watch.interest);
    }

    private void hand(Entry entry, int events, EventSink sink) {
        sinkCalls++;
        try {
            int modes = has(Fault.MODE_BITS_ARE_REPORTED) ? entry.watch().interest & ONESHOT : 0;
            sink.onEvent(entry.fd(), events | modes);
        } catch (RuntimeException e) {
            if (has(Fault.A_THROW_LOSES_THE_REST)) {
                batch.clear();
            }
            if (!has(Fault.A_THROW_IS_SWALLOWED)) {
                throw e;
            }
        }
        if (has(Fault.A_SHOT_IS_DISARMED_AFTER_THE_SINK)
                && (entry.watch().interest & ONESHOT) != 0) {
            entry.watch().armed = false;
        }
    }

    @Override
    public void wakeup() {
        boolean isLost =
                Thread.currentThread() == owner
                        ? has(Fault.WAKEUP_OF_ITS_OWN_THREAD_IS_LOST)
                        : has(Fault.WAKEUP_OF_ANOTHER_THREAD_IS_LOST);
        if (!isLost) {
            woken.set(true);
            LockSupport.unpark(owner);
        }
    }

    @Override
    public int fd() {
        check(0);
        if (own == 0 || has(Fault.A_POLLER_CHANGES_ITS_NUMBER)) {
            own = kernel.openFor(this::isReady);
        }
        return own;
    }

    /** Returns whether a watcher sees this as ready, perhaps without a reason. */
    private boolean isReady() {
        return (woken.get() && !has(Fault.A_WOKEN_POLLER_LOOKS_IDLE))
                || (!has(Fault.A_POLLER_WITH_EVENTS_LOOKS_IDLE)
                        && watches.entrySet().stream()
                                .anyMatch(each -> mayReport(each.getKey(), each.getValue())));
    }

    private boolean mayReport(int fd, Watch watch) {
        FakeKernel.File file = now(fd, watch);
        return file == null || isStale(fd, watch) || visible(file.readiness(), watch.interest) != 0;
    }

    @Override
    public long timeoutNanos() {
        return batch.isEmpty() && !woken.get() ? -1 : 0;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() {
        closed = true;
        kernel.closeFor(own);
    }
}
