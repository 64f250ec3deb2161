package io.uloop;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * The registration of a descriptor or JDK channel with a loop, created by {@link Uloop#add(int,
 * int, EventHandler)}.
 *
 * <pre>{@code
 * Registration registration = loop.add(fd, UEvent.IN, handler);
 * registration.modify(UEvent.IN | UEvent.OUT);
 * registration.close();
 * }</pre>
 *
 * <p>It ends when it is closed, when {@link Uloop#remove} deregisters its number, when its
 * descriptor turns out to be closed, or when its loop is closed. From then on it is inactive, even
 * if the number is registered again for another file. It does not keep its loop reachable.
 *
 * <p>Not thread-safe: call from the loop's thread. Once the loop is closed, any thread may call
 * {@link #close}.
 *
 * @since 0.1
 */
public final class Registration implements RefHandle {
    private @Nullable WeakReference<RegistrationTable> table; // null once this has ended
    private final int fd;
    private int interest;
    private boolean unref;

    Registration(WeakReference<RegistrationTable> table, int fd, int interest) {
        this.table = table;
        this.fd = fd;
        this.interest = interest;
    }

    /** {@return the registered number, even if this is inactive} */
    public int fd() {
        return fd;
    }

    /**
     * {@return the interest, bits of {@link io.uloop.poller.UEvent}, even if this is inactive}
     *
     * <p>A ONESHOT registration keeps its interest while it is disarmed.
     */
    public int interest() {
        return interest;
    }

    /** {@return whether the descriptor is registered by this object} */
    public boolean isActive() {
        RegistrationTable current = table();
        return current != null && current.isOpen();
    }

    /**
     * Replaces the interest and rearms the descriptor if it was ONESHOT or EDGE.
     *
     * @param newInterest as for {@link Uloop#add(int, int, EventHandler)}; replaces all previous
     *     bits
     * @throws io.uloop.poller.ClosedPollerException if the loop is closed
     * @throws IOException if the kernel refuses the change. This is a {@link PollerException} with
     *     ENOENT if this is inactive, with EBADF if the descriptor has been closed, which also ends
     *     the registration, or with ENOMEM or ENOSPC as for {@link Uloop#modify}
     * @throws IllegalArgumentException if a bit is neither an interest nor a mode
     * @throws UnsupportedOperationException if the backend lacks a requested mode
     */
    public void modify(int newInterest) throws IOException {
        RegistrationTable current = table();
        if (current == null) {
            throw ended();
        }
        current.modify(this, newInterest);
    }

    /**
     * Deregisters the descriptor, which stays open. Idempotent. The handler is not called again,
     * not even for an event of the current turn. Does nothing if this is inactive. Close the
     * registration before the descriptor.
     *
     * @throws IllegalStateException if another thread runs the loop
     */
    @Override
    public void close() {
        RegistrationTable current = table();
        if (current != null) {
            current.close(this);
        }
    }

    /**
     * Lets {@link Uloop#runUntilIdle} end although the descriptor is registered. Its handler is
     * still called while the loop runs. Idempotent.
     *
     * @return this
     */
    @Override
    public Registration unref() {
        setUnref(true);
        return this;
    }

    /**
     * Reverts {@link #unref}, so that the descriptor keeps an idle run waiting. Idempotent.
     *
     * @return this
     */
    @Override
    public Registration ref() {
        setUnref(false);
        return this;
    }

    /** {@return whether the descriptor keeps an idle run waiting while it is registered} */
    @Override
    public boolean hasRef() {
        return !unref;
    }

    private void setUnref(boolean changed) {
        RegistrationTable current = table();
        if (current != null) {
            current.setUnref(fd, changed);
        }
        unref = changed; // without effect once this has ended
    }

    @Override
    public String toString() {
        return "Registration[fd=" + fd + (isActive() ? "]" : ", ended]");
    }

    PollerException ended() {
        return new PollerException(
                "modify", "MOD", fd, Errno.ENOENT, "this registration has ended; add the fd again");
    }

    /** {@return the table that has this registration, or null if this has ended} */
    @Nullable RegistrationTable table() {
        WeakReference<RegistrationTable> current = table;
        return current == null ? null : current.get();
    }

    void setInterest(int newInterest) {
        interest = newInterest;
    }

    void end() {
        table = null;
    }
}
