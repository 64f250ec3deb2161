package io.uloop;

import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors that one loop watches: the handler of each, by its number, and where it is
 * registered, which is the poller or among the always ready. A registration that the poller turns
 * out to have no more, because the descriptor was closed, ends here too.
 */
final class WatchedDescriptors {
    private final Poller poller;
    private final AlwaysReady alwaysReady;
    private final @Nullable SpinWatch spins;
    private final Failures failures;
    private @Nullable EventHandler[] handlers = new EventHandler[64];
    private int count;

    WatchedDescriptors(
            Poller poller, AlwaysReady alwaysReady, @Nullable SpinWatch spins, Failures failures) {
        this.poller = poller;
        this.alwaysReady = alwaysReady;
        this.spins = spins;
        this.failures = failures;
    }

    int count() {
        return count;
    }

    /** The handler of any number; a guess off the loop's thread. */
    @Nullable EventHandler handler(int fd) {
        @Nullable EventHandler[] current = handlers;
        return fd >= 0 && fd < current.length ? current[fd] : null;
    }

    /** As {@link Uloop#add}. */
    void add(int fd, int interest, EventHandler handler) throws IOException {
        admit(fd, interest, true);
        endProcs(fd); // of a file that was closed without remove
        if (fd >= handlers.length) {
            handlers = Arrays.copyOf(handlers, Math.max(fd + 1, handlers.length * 2));
        }
        if (handlers[fd] == null) {
            count++;
        }
        handlers[fd] = handler;
        if (spins != null) {
            spins.added(fd, interest);
        }
    }

    /** As {@link Uloop#modify}. */
    void modify(int fd, int interest) throws IOException {
        try {
            if (alwaysReady.contains(fd)) {
                admit(fd, interest, false);
            } else {
                poller.modify(fd, interest);
            }
            if (spins != null) {
                spins.modified(fd, interest);
            }
        } catch (PollerException e) {
            if (isGone(e)) {
                forget(fd);
            }
            throw e;
        }
    }

    /** As {@link Uloop#remove}. */
    void remove(int fd) throws IOException {
        boolean polled = !alwaysReady.contains(fd);
        forget(fd);
        if (polled) {
            poller.remove(fd);
        }
    }

    /** As {@link Uloop#setBarrier}. */
    void setBarrier(int fd, boolean on) {
        ReaderWriter procs = procs(fd);
        if (procs == null) {
            throw new IllegalStateException(
                    "fd=" + fd + " has neither reader nor writer; addReader or addWriter first");
        }
        procs.setBarrier(on);
    }

    /** Gives it the proc for one of IN and OUT, in place of the one that it has. */
    void setProc(int fd, int direction, ReaderWriter.Proc<?> proc) throws IOException {
        ReaderWriter procs = procs(fd);
        if (procs != null) {
            try {
                modify(fd, procs.interestWith(direction));
                procs.setProc(direction, proc);
                return;
            } catch (PollerException e) {
                if (!isGone(e)) {
                    throw e;
                }
                // The number was closed and may be another file's: its procs are gone too.
            }
        }
        procs = new ReaderWriter(failures);
        add(fd, direction, procs);
        procs.setProc(direction, proc);
    }

    /** Takes the proc for one of IN and OUT away; false if it has none. */
    boolean removeProc(int fd, int direction) throws IOException {
        ReaderWriter procs = procs(fd);
        if (procs == null || procs.proc(direction) == null) {
            return false;
        }
        int interest = procs.interestWithout(direction);
        try {
            if (interest == UEvent.NONE) {
                remove(fd);
            } else {
                modify(fd, interest);
            }
        } catch (PollerException e) {
            if (!isGone(e)) {
                throw e;
            }
        }
        procs.setProc(direction, null);
        return true;
    }

    /** Takes the handler away; the poller has no such registration any more. */
    void clear(int fd) {
        if (fd >= 0 && fd < handlers.length && handlers[fd] != null) {
            handlers[fd] = null;
            count--;
        }
    }

    /** Gives a descriptor to the poller, or to the always ready if no poller takes its kind. */
    private void admit(int fd, int interest, boolean isNew) throws IOException {
        try {
            poller.add(fd, interest);
            alwaysReady.remove(fd); // its number, if it was in, is another file's by now
        } catch (PollerException e) {
            if (!e.errno().equals("EPERM")) {
                throw e;
            }
            if (!alwaysReady.isOn()) {
                throw refusal(
                        e,
                        fd,
                        "EPERM",
                        "regular files, directories and devices such as /dev/null cannot be polled;"
                                + " read them as they are, or let the loop take them as always"
                                + " ready by Uloop.builder().alwaysReadyFiles(true)");
            }
            if (isNew && alwaysReady.contains(fd)) {
                throw refusal(
                        e, fd, "EEXIST", "already registered; use modify to change its interest");
            }
            alwaysReady.put(fd, interest);
        }
    }

    /** After a failed modify or remove: whether the poller has no such registration any more. */
    private static boolean isGone(PollerException e) {
        return e.errno().equals("EBADF") || e.errno().equals("ENOENT");
    }

    private void forget(int fd) {
        alwaysReady.remove(fd);
        endProcs(fd);
        clear(fd);
    }

    private void endProcs(int fd) {
        ReaderWriter procs = procs(fd);
        if (procs != null) {
            procs.end();
        }
    }

    /** What the poller has refused, in the terms of a loop. */
    private static PollerException refusal(
            PollerException cause, int fd, String errno, String explanation) {
        PollerException refusal =
                new PollerException(cause.syscall(), "ADD", fd, errno, explanation);
        refusal.initCause(cause);
        return refusal;
    }

    private @Nullable ReaderWriter procs(int fd) {
        return handler(fd) instanceof ReaderWriter procs ? procs : null;
    }
}
