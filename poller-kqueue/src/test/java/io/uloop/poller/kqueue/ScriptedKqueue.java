package io.uloop.poller.kqueue;

import static io.uloop.poller.kqueue.KqueueCalls.EVFILT_PROC;
import static io.uloop.poller.kqueue.KqueueCalls.EVFILT_READ;
import static io.uloop.poller.kqueue.KqueueCalls.EVFILT_WRITE;

import io.uloop.poller.Errno;
import io.uloop.poller.kqueue.KqueueCalls.Calls;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.Timespec;
import io.uloop.poller.tck.Ends;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A simulated kqueue that is stricter than any system's: adding an existing filter is an error. A
 * test decides what fires and what fails. Thread-safe.
 */
final class ScriptedKqueue implements Calls {
    /** The kernel's state of one filter. */
    private record Knote(int flags, long token) {}

    private record Key(int fd, int filter) {}

    private record Event(Key key, int flags, int fflags) {}

    private final KqueueAbi abi;
    private final Map<Key, Knote> knotes = new HashMap<>();
    private final Deque<Event> queue = new ArrayDeque<>();
    private final Map<String, Deque<Integer>> faults = new HashMap<>();
    private int[] pipe = {};

    /** The submitted change lists, such as {@code "DELETE READ, ADD READ ONESHOT"}. */
    final List<String> lists = new ArrayList<>();

    /** Whether receipts contain only EV_ERROR and the errno. */
    boolean bareReceipts;

    /** The number of receipts missing from each list. */
    int receiptsLost;

    boolean hasKqueue1 = true;
    boolean closed;
    private boolean waitedFor;

    ScriptedKqueue(KqueueAbi abi) {
        this.abi = abi;
    }

    /**
     * Makes a call fail once per invocation of this method: {@code "kqueue"}, {@code "wait"},
     * {@code "list"} for a whole change list, {@code "trigger"}, or a change such as {@code "ADD
     * WRITE"}.
     */
    synchronized ScriptedKqueue fail(String call, Errno errno) {
        faults.computeIfAbsent(call, unused -> new ArrayDeque<>()).add(Posix.number(errno));
        return this;
    }

    /** Fires a filter, if it exists at the next wait. The flags may contain EV_EOF or EV_ERROR. */
    synchronized void fire(int fd, int filter, int flags, int fflags) {
        queue.add(new Event(new Key(fd, filter), flags, fflags));
        notifyAll();
    }

    synchronized void fire(int fd, int filter) {
        fire(fd, filter, 0, 0);
    }

    /** Deletes a filter, as the kernel may. */
    synchronized void drop(int fd, int filter) {
        knotes.remove(new Key(fd, filter));
    }

    /**
     * Returns the filters of a descriptor with their flags, such as {@code "READ CLEAR, WRITE
     * CLEAR"}.
     */
    synchronized String filters(int fd) {
        List<String> names = new ArrayList<>();
        for (int filter : new int[] {EVFILT_READ, EVFILT_WRITE}) {
            Knote knote = knotes.get(new Key(fd, filter));
            if (knote != null) {
                names.add(name(filter) + modes(knote.flags));
            }
        }
        return String.join(", ", names);
    }

    synchronized boolean isWaitedFor() {
        return waitedFor;
    }

    private int faultOf(String call) {
        Deque<Integer> left = faults.get(call);
        Integer errno = left == null ? null : left.poll();
        return errno == null ? 0 : errno;
    }

    private boolean fails(String call) {
        int errno = faultOf(call);
        Posix.setErrno(errno);
        return errno != 0;
    }

    /** Returns an open descriptor, because fcntl(2) is called on it. */
    @Override
    public synchronized int kqueue() {
        if (fails("kqueue")) {
            return -1;
        }
        try {
            pipe = Ends.of(PosixDescriptors.INSTANCE.pipe());
            return pipe[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized int kqueue1(int flags) {
        if (!hasKqueue1) {
            throw new UnsatisfiedLinkError("kqueue1");
        }
        lists.add("kqueue1(0x" + Integer.toHexString(flags) + ")");
        return kqueue();
    }

    @Override
    public synchronized int close(int fd) {
        try {
            PosixDescriptors.INSTANCE.close(pipe[0]);
            PosixDescriptors.INSTANCE.close(pipe[1]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (waitedFor) {
            throw new AssertionError("closed during a wait");
        }
        closed = true;
        return 0;
    }

    @Override
    public synchronized int kevent(
            int kq, long changes, int changeCount, long events, int eventCount, long timespec) {
        if (changeCount == 0) {
            return fails("wait") ? -1 : await(events, eventCount, timespec);
        }
        ByteBuffer list = view(changes, changeCount * abi.eventBytes());
        if (eventCount == 0) {
            return fails("trigger") ? -1 : trigger(list);
        }
        if (eventCount != changeCount || timespec == 0) {
            throw new AssertionError("a list must have one receipt per change and must not wait");
        }
        if (fails("list")) {
            return -1;
        }
        return change(list, changeCount, view(events, eventCount * abi.eventBytes()));
    }

    private int trigger(ByteBuffer list) {
        Key key = new Key((int) list.getLong(0), Kevent.filter(list, 0));
        Knote knote = knotes.get(key);
        if (Kevent.flags(list, 0) != 0
                || Kevent.fflags(list, 0) != KqueueCalls.NOTE_TRIGGER
                || knote == null
                || knote.token != Kevent.token(list, 0)) {
            throw new AssertionError("triggered a filter that does not exist");
        }
        fire(key.fd, key.filter);
        return 0;
    }

    private int change(ByteBuffer list, int count, ByteBuffer receipts) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int offset = i * abi.eventBytes();
            Key key = new Key((int) list.getLong(offset), Kevent.filter(list, offset));
            int flags = Kevent.flags(list, offset);
            String name =
                    ((flags & KqueueCalls.EV_ADD) != 0 ? "ADD " : "DELETE ") + name(key.filter);
            names.add(name + modes(flags) + notes(Kevent.fflags(list, offset)));
            int errno = faultOf(name);
            if (errno == 0) {
                errno = change(key, flags, Kevent.token(list, offset));
            }
            int kept = bareReceipts ? 0 : flags;
            Kevent.put(receipts, offset, 0, 0, kept | KqueueCalls.EV_ERROR, 0, 0);
            Kevent.putData(receipts, offset, errno);
        }
        lists.add(String.join(", ", names));
        return count - receiptsLost;
    }

    private int change(Key key, int flags, long token) {
        if ((flags & KqueueCalls.EV_RECEIPT) == 0) {
            throw new AssertionError("a change does not ask for a receipt");
        }
        if ((flags & KqueueCalls.EV_ADD) == 0) {
            return knotes.remove(key) == null ? Posix.ENOENT : 0;
        }
        if (key.filter != EVFILT_READ
                && key.filter != EVFILT_WRITE
                && key.filter != EVFILT_PROC
                && key.filter != abi.userFilter()) {
            return Posix.EINVAL;
        }
        if (knotes.putIfAbsent(key, new Knote(flags, token)) != null) {
            throw new AssertionError("added although it exists: " + key);
        }
        return 0;
    }

    private int await(long events, int eventCount, long timespec) {
        long start = System.nanoTime();
        int ready = 0;
        try {
            while (queue.isEmpty()) {
                long nanos = Long.MAX_VALUE;
                if (timespec != 0) {
                    ByteBuffer time = view(timespec, Timespec.BYTES);
                    nanos = TimeUnit.SECONDS.toNanos(time.getLong(0)) + time.getLong(8);
                    nanos -= System.nanoTime() - start;
                }
                if (nanos <= 0) {
                    return 0;
                }
                waitedFor = true;
                TimeUnit.NANOSECONDS.timedWait(this, nanos);
                waitedFor = false;
            }
        } catch (InterruptedException e) {
            throw new AssertionError("cannot happen in a kernel", e);
        }
        ByteBuffer array = view(events, eventCount * abi.eventBytes());
        while (ready < eventCount && !queue.isEmpty()) {
            Event event = queue.remove();
            Knote knote = knotes.get(event.key);
            if (knote == null) {
                continue;
            }
            if ((knote.flags & KqueueCalls.EV_ONESHOT) != 0) {
                knotes.remove(event.key);
            }
            Kevent.put(
                    array,
                    ready++ * abi.eventBytes(),
                    event.key.fd,
                    event.key.filter,
                    knote.flags | event.flags,
                    event.fflags,
                    knote.token);
        }
        return ready;
    }

    private static String name(int filter) {
        return switch (filter) {
            case EVFILT_READ -> "READ";
            case EVFILT_WRITE -> "WRITE";
            case EVFILT_PROC -> "PROC";
            default -> "USER";
        };
    }

    private static String modes(int flags) {
        return ((flags & KqueueCalls.EV_CLEAR) != 0 ? " CLEAR" : "")
                + ((flags & KqueueCalls.EV_ONESHOT) != 0 ? " ONESHOT" : "");
    }

    private static String notes(int fflags) {
        return switch (fflags) {
            case 0 -> "";
            case KqueueCalls.NOTE_EXIT -> " EXIT";
            default -> throw new AssertionError("fflags 0x" + Integer.toHexString(fflags));
        };
    }

    private static ByteBuffer view(long address, int length) {
        return Posix.view(address, length).order(ByteOrder.nativeOrder());
    }
}
