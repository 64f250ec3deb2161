package io.uloop;

import io.uloop.poller.Errno;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The registered descriptors of one loop. Maps each number to its handler and to the place of its
 * registration, the poller or the files that are always ready. If the poller has dropped a
 * registration because the descriptor was closed, it is removed here, too.
 */
final class WatchedDescriptors {
    private final Poller poller;
    private final AlwaysReady alwaysReady;
    private final @Nullable SpinWatch spins;
    private @Nullable EventHandler[] handlers = new EventHandler[64];
    private int count;

    WatchedDescriptors(Poller poller, AlwaysReady alwaysReady, @Nullable SpinWatch spins) {
        this.poller = poller;
        this.alwaysReady = alwaysReady;
        this.spins = spins;
    }

    int count() {
        return count;
    }

    /** {@return the handler of any number} An estimate outside the loop's thread. */
    @Nullable EventHandler handler(int fd) {
        @Nullable EventHandler[] current = handlers;
        return fd >= 0 && fd < current.length ? current[fd] : null;
    }

    /** Implements {@link Uloop#add}. */
    void add(int fd, int interest, EventHandler handler) throws IOException {
        admit(fd, interest, true);
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

    /** Implements {@link Uloop#modify}. */
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

    /** Implements {@link Uloop#remove}. */
    void remove(int fd) throws IOException {
        boolean polled = !alwaysReady.contains(fd);
        forget(fd);
        if (polled) {
            poller.remove(fd);
        }
    }

    /** Removes the handler of a registration that the poller no longer has. */
    void clear(int fd) {
        if (fd >= 0 && fd < handlers.length && handlers[fd] != null) {
            handlers[fd] = null;
            count--;
        }
    }

    /** Registers a descriptor with the poller, or as always ready if no poller accepts it. */
    private void admit(int fd, int interest, boolean isNew) throws IOException {
        try {
            poller.add(fd, interest);
            alwaysReady.remove(fd); // an old registration was of another file with this number
        } catch (PollerException e) {
            if (e.errno() != Errno.EPERM) {
                throw e;
            }
            if (!alwaysReady.isOn()) {
                throw refusal(
                        e,
                        fd,
                        Errno.EPERM,
                        "regular files, directories and devices such as /dev/null cannot be polled;"
                                + " read them directly, or open the loop with"
                                + " Uloop.builder().alwaysReadyFiles(true)");
            }
            if (isNew && alwaysReady.contains(fd)) {
                throw refusal(
                        e,
                        fd,
                        Errno.EEXIST,
                        "already registered; use modify to change its interest");
            }
            alwaysReady.put(fd, interest);
        }
    }

    /** {@return whether a failed modify or remove shows that the registration no longer exists} */
    private static boolean isGone(PollerException e) {
        return e.errno() == Errno.EBADF || e.errno() == Errno.ENOENT;
    }

    private void forget(int fd) {
        alwaysReady.remove(fd);
        clear(fd);
    }

    /** Rephrases a poller's exception in terms of the loop's API. */
    private static PollerException refusal(
            PollerException cause, int fd, Errno errno, String explanation) {
        PollerException refusal =
                new PollerException(cause.syscall(), "ADD", fd, errno, explanation);
        refusal.initCause(cause);
        return refusal;
    }
}
