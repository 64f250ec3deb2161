package io.uloop;

import io.uloop.observe.Callbacks;
import io.uloop.observe.LoopObserver;
import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Errno;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The registered descriptors of one loop. Maps each number to its handler and to the place of its
 * registration, the poller or the files that are always ready. If the poller has dropped a
 * registration because the descriptor was closed, it is removed here, too.
 */
final class RegistrationTable {
    private final Poller poller;
    private final AlwaysReady alwaysReady;
    private final LoopObserver observer;
    private final LoopOwner owner;
    private final LoopState state;
    private final WeakReference<RegistrationTable> self = new WeakReference<>(this);

    private @Nullable EventHandler[] handlers = new EventHandler[64];

    /**
     * The objects of {@link #add}. Shorter than the handlers, because channels and other owners do
     * without: while they own a number, nobody can reuse it.
     */
    private @Nullable Registration[] registrations = {};

    private int count;

    /** The numbers of those that do not keep an idle run waiting. */
    private final BitSet unreferenced = new BitSet();

    private int unrefs;

    RegistrationTable(
            Poller poller,
            AlwaysReady alwaysReady,
            LoopObserver observer,
            LoopOwner owner,
            LoopState state) {
        this.poller = poller;
        this.alwaysReady = alwaysReady;
        this.observer = observer;
        this.owner = owner;
        this.state = state;
    }

    /** {@return whether the loop is open} Thread-safe. */
    boolean isOpen() {
        return state.isOpen();
    }

    AlwaysReady alwaysReady() {
        return alwaysReady;
    }

    int count() {
        return count;
    }

    /** {@return how many registrations keep an idle run waiting} */
    int awaitedCount() {
        return count - unrefs;
    }

    /** {@return the handler of any number} An estimate outside the loop's thread. */
    @Nullable EventHandler handler(int fd) {
        @Nullable EventHandler[] current = handlers;
        return fd >= 0 && fd < current.length ? current[fd] : null;
    }

    /** {@return the interest of any number, or -1} An estimate outside the loop's thread. */
    int interest(int fd) {
        int always = alwaysReady.interest(fd);
        return always != -1 ? always : poller.interest(fd);
    }

    /** {@return an exclusive upper bound of the registered numbers} Thread-safe. */
    int limit() {
        return handlers.length;
    }

    /** Implements {@link Uloop#add(int, int, EventHandler)}. */
    Registration add(int fd, int interest, EventHandler handler) throws IOException {
        Registration registration = new Registration(self, fd, interest);
        register(fd, interest, handler, registration, true, false);
        return registration;
    }

    /** Implements {@link LoopInside#register}. */
    void addOwned(int fd, int interest, EventHandler handler, boolean unref) throws IOException {
        register(fd, interest, handler, null, true, unref);
    }

    /** Implements {@link LoopInside#isRegistered}. */
    boolean isRegistered(int fd) {
        return isOpen() && handler(fd) != null;
    }

    /** Implements {@link LoopInside#deregister}. */
    void removeOwned(int fd) {
        if (isRegistered(fd)) {
            removeQuietly(fd, null);
        }
    }

    /** Registers a JDK channel, whose I/O is not counted. */
    Registration addChannel(int fd, int interest, EventHandler handler) throws IOException {
        Registration registration = new Registration(self, fd, interest);
        register(fd, interest, handler, registration, false, false);
        return registration;
    }

    /** Implements {@link Uloop#modify}. */
    void modify(int fd, int interest) throws IOException {
        boolean claimed = owner.claim();
        try {
            reregister(fd, interest);
        } finally {
            owner.release(claimed);
        }
    }

    /** Implements {@link Registration#modify}. */
    void modify(Registration registration, int interest) throws IOException {
        boolean claimed = owner.claim();
        try {
            if (registration.table() != this && isOpen()) {
                throw registration.ended();
            }
            reregister(registration.fd(), interest);
        } finally {
            owner.release(claimed);
        }
    }

    /** Implements {@link Uloop#remove}. */
    void remove(int fd) throws IOException {
        boolean claimed = owner.claim();
        try {
            deregister(fd);
        } finally {
            owner.release(claimed);
        }
    }

    /** Sets whether an idle run ends although a number is registered. */
    void setUnref(int fd, boolean unref) {
        boolean claimed = owner.claim();
        try {
            if (handler(fd) != null) {
                markUnref(fd, unref);
            }
        } finally {
            owner.release(claimed);
        }
    }

    private void markUnref(int fd, boolean unref) {
        if (unreferenced.get(fd) != unref) {
            unreferenced.set(fd, unref);
            unrefs += unref ? 1 : -1;
        }
    }

    /** Implements {@link Registration#close}. */
    void close(Registration registration) {
        if (isOpen()) { // any thread may get here
            removeQuietly(registration.fd(), registration);
        }
    }

    /** Deregisters a number, if a given registration still has it. */
    private void removeQuietly(int fd, @Nullable Registration registration) {
        boolean claimed = false;
        try {
            claimed = owner.claim();
            if (registration == null || registration.table() == this) {
                deregister(fd);
            }
        } catch (ClosedLoopException | ClosedPollerException e) {
            // Closed since the check. A closed loop has no registrations.
        } catch (PollerException e) {
            if (!isGone(e)) {
                throw new UncheckedIOException(e);
            }
        } catch (IOException e) { // no poller that keeps to the contract
            throw new UncheckedIOException(e);
        } finally {
            owner.release(claimed);
        }
    }

    /** Adds a line for each registration. */
    void dump(StringBuilder text) {
        for (int fd = 0; fd < handlers.length; fd++) {
            EventHandler handler = handlers[fd];
            if (handler != null) {
                text.append("\n  fd=").append(fd).append(' ');
                text.append(
                        alwaysReady.contains(fd)
                                ? "always ready"
                                : UEvent.toString(poller.interest(fd)));
                text.append(unreferenced.get(fd) ? ", unreferenced: " : ": ");
                text.append(Callbacks.programName(handler));
            }
        }
    }

    private void register(
            int fd,
            int interest,
            EventHandler handler,
            @Nullable Registration registration,
            boolean counted,
            boolean unref)
            throws IOException {
        boolean claimed = owner.claim();
        try {
            admit(fd, interest, true);
            clear(fd); // of a file that was closed without being deregistered
            try {
                reserve(fd, registration != null);
                observer.added(fd, interest, counted);
            } catch (OutOfMemoryError e) { // without an entry here, nobody could end it
                deregister(fd);
                throw e;
            }
            handlers[fd] = handler;
            if (registration != null) {
                registrations[fd] = registration;
            }
            count++;
            markUnref(fd, unref);
        } finally {
            owner.release(claimed);
        }
    }

    private void reserve(int fd, boolean withRegistration) {
        if (fd >= handlers.length) {
            handlers = Arrays.copyOf(handlers, Math.max(fd + 1, handlers.length * 2));
        }
        if (withRegistration && fd >= registrations.length) {
            registrations = Arrays.copyOf(registrations, handlers.length);
        }
    }

    private void reregister(int fd, int interest) throws IOException {
        try {
            if (alwaysReady.contains(fd)) {
                admit(fd, interest, false);
            } else {
                poller.modify(fd, interest);
            }
            Registration registration = registration(fd);
            if (registration != null) {
                registration.setInterest(interest);
            }
            observer.modified(fd, interest);
        } catch (PollerException e) {
            if (isGone(e)) {
                forget(fd);
            }
            throw e;
        }
    }

    private void deregister(int fd) throws IOException {
        boolean polled = !alwaysReady.contains(fd);
        forget(fd);
        if (polled) {
            poller.remove(fd);
        }
    }

    /** Removes the handler of a registration that the poller no longer has. */
    void clear(int fd) {
        if (handler(fd) == null) {
            return;
        }
        handlers[fd] = null;
        count--;
        markUnref(fd, false);
        Registration registration = registration(fd);
        if (registration != null) {
            registration.end();
            registrations[fd] = null;
        }
    }

    private @Nullable Registration registration(int fd) {
        return fd >= 0 && fd < registrations.length ? registrations[fd] : null;
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
