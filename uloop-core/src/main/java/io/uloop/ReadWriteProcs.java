package io.uloop;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A handler that passes the events of one descriptor to a reader and a writer, each with its own
 * client data, as Redis and libevent do. It registers the descriptor with the first proc, keeps the
 * interest up to date and deregisters it with the last proc.
 *
 * <p>The reader is called if the descriptor is readable, hung up or in error, and the writer if it
 * is writable, hung up or in error. If both are due in one turn, the reader is called first. With
 * the barrier on, the writer is first. A server can then send the replies that an earlier turn
 * prepared, and that a before-poll hook has synced to disk, before it reads new requests.
 *
 * <pre>{@code
 * ReadWriteProcs procs = new ReadWriteProcs(loop, fd);
 * procs.setReader(this::readQuery, client);
 * ...
 * procs.setWriter(this::sendReply, client);
 * }</pre>
 *
 * <p>If the descriptor is deregistered in another way, for example by {@link Uloop#remove}, both
 * procs and the barrier are dropped.
 *
 * <p>Not thread-safe: call from the loop's thread.
 *
 * @since 0.1
 */
public final class ReadWriteProcs implements EventHandler, Handle {
    private static final int BOTH = UEvent.IN | UEvent.OUT;

    private final Uloop loop;
    private final int fd;
    private @Nullable Call<?> reader;
    private @Nullable Call<?> writer;
    private boolean barrier;
    private @Nullable Registration registration;

    /**
     * Handles the events of one direction.
     *
     * @param <T> the type of the client data
     */
    @FunctionalInterface
    public interface Proc<T> {
        /**
         * Called on the loop's thread for each event. It may add, remove and close any descriptor.
         *
         * @param fd the descriptor
         * @param data the data passed when the proc was set
         * @param events all ready events of the descriptor, bits of {@link UEvent}
         * @throws Exception any failure; the loop logs it and passes it to the {@link
         *     ErrorHandler}. The other proc of the descriptor is called nevertheless
         */
        void call(int fd, T data, int events) throws Exception;
    }

    private record Call<T>(Proc<? super T> proc, T data) {
        void run(int fd, int events) throws Exception {
            proc.call(fd, data, events);
        }
    }

    /**
     * Creates a handler without procs and does not register the descriptor yet.
     *
     * @param loop the loop that calls the procs
     * @param fd an open descriptor; the caller still owns and closes it
     */
    public ReadWriteProcs(Uloop loop, int fd) {
        this.loop = Objects.requireNonNull(loop, "loop");
        this.fd = fd;
    }

    /**
     * Sets the reader. Replaces the previous reader.
     *
     * @param <T> the data's type
     * @param proc called if the descriptor is readable, hung up or in error
     * @param data passed to the proc
     * @throws IOException as for {@link Uloop#add(int, int, EventHandler)}
     */
    public <T> void setReader(Proc<? super T> proc, T data) throws IOException {
        set(UEvent.IN, new Call<>(Objects.requireNonNull(proc, "proc"), data));
    }

    /**
     * Sets the writer. Replaces the previous writer.
     *
     * @param <T> the data's type
     * @param proc called if the descriptor is writable, hung up or in error
     * @param data passed to the proc
     * @throws IOException as for {@link Uloop#add(int, int, EventHandler)}
     */
    public <T> void setWriter(Proc<? super T> proc, T data) throws IOException {
        set(UEvent.OUT, new Call<>(Objects.requireNonNull(proc, "proc"), data));
    }

    /**
     * Removes the reader. The writer and the barrier stay.
     *
     * @return false if there is no reader
     * @throws IOException a {@link PollerException} with ENOMEM or ENOSPC; nothing has changed
     */
    public boolean removeReader() throws IOException {
        return remove(UEvent.IN);
    }

    /**
     * Removes the writer. The reader and the barrier stay.
     *
     * @return false if there is no writer
     * @throws IOException a {@link PollerException} with ENOMEM or ENOSPC; nothing has changed
     */
    public boolean removeWriter() throws IOException {
        return remove(UEvent.OUT);
    }

    /**
     * Sets which proc is called first if both are due in one turn. The barrier stays until both
     * procs are removed.
     *
     * @param on true to call the writer first, false (the default) to call the reader first
     * @throws IllegalStateException if there is neither a reader nor a writer
     */
    public void setBarrier(boolean on) {
        loop.checkThread();
        if (!isRegistered()) {
            throw new IllegalStateException(
                    "cannot set a barrier: fd="
                            + fd
                            + " has no reader or writer; call setReader or setWriter first");
        }
        barrier = on;
    }

    /**
     * Removes both procs and deregisters the descriptor, which stays open. Idempotent.
     *
     * @throws IllegalStateException if another thread runs the loop
     */
    @Override
    public void close() {
        if (registration != null) {
            registration.close();
        }
    }

    /**
     * Calls the procs. For the loop only.
     *
     * @throws Exception thrown by a proc. If both have thrown, the second exception is suppressed
     */
    @Override
    public void processEvent(int number, int events) throws Exception {
        Registration current = registration;
        int first = barrier ? UEvent.OUT : UEvent.IN;
        boolean gone = (events & UEvent.NVAL) != 0; // deregistered by the loop, so tell both
        Exception failure = call(first, events, null);
        // The first proc may have removed the second, or another file may have the number now.
        if (registration == current && (gone || isRegistered())) {
            failure = call(first ^ BOTH, events, failure);
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** NVAL is passed to both. Any other event but output is also reported as IN or OUT. */
    private @Nullable Exception call(int direction, int events, @Nullable Exception former) {
        Call<?> call = get(direction);
        if (call == null || (events & (direction | UEvent.NVAL)) == 0) {
            return former;
        }
        try {
            call.run(fd, events);
        } catch (Exception e) {
            if (former == null) {
                return e;
            }
            if (e != former) { // an exception cannot suppress itself
                former.addSuppressed(e);
            }
        }
        return former;
    }

    private void set(int direction, Call<?> call) throws IOException {
        loop.checkThread();
        Registration current = registration;
        if (current != null && current.isActive()) {
            try {
                current.modify(interestWithout(direction) | direction);
                put(direction, call);
                return;
            } catch (PollerException e) {
                if (!isGone(e)) {
                    throw e;
                }
                // The number was closed and may be reused, so its procs are void.
            }
        }
        registration = loop.add(fd, direction, this);
        reader = null;
        writer = null;
        barrier = false;
        put(direction, call);
    }

    private boolean remove(int direction) throws IOException {
        loop.checkThread();
        Registration current = registration;
        if (current == null || !current.isActive() || get(direction) == null) {
            return false;
        }
        int interest = interestWithout(direction);
        try {
            if (interest == UEvent.NONE) {
                current.close();
            } else {
                current.modify(interest);
            }
        } catch (PollerException e) {
            if (!isGone(e)) {
                throw e;
            }
        }
        put(direction, null);
        return true;
    }

    private boolean isRegistered() {
        return registration != null && registration.isActive();
    }

    /** {@return whether a failed change shows that the registration no longer exists} */
    private static boolean isGone(PollerException e) {
        return e.errno() == Errno.EBADF || e.errno() == Errno.ENOENT;
    }

    private int interestWithout(int direction) {
        int other = direction ^ BOTH;
        return get(other) == null ? UEvent.NONE : other;
    }

    private @Nullable Call<?> get(int direction) {
        return direction == UEvent.IN ? reader : writer;
    }

    private void put(int direction, @Nullable Call<?> call) {
        if (direction == UEvent.IN) {
            reader = call;
        } else {
            writer = call;
        }
    }

    /** {@return the reader, otherwise the writer, for messages} Any thread may call this. */
    @Nullable Object proc() {
        Call<?> in = reader;
        Call<?> any = in == null ? writer : in;
        return any == null ? null : any.proc();
    }

    @Override
    public String toString() {
        return "ReadWriteProcs[fd="
                + fd
                + ", reader="
                + name(reader)
                + ", writer="
                + name(writer)
                + ']';
    }

    private static @Nullable Object name(@Nullable Call<?> call) {
        return call == null ? null : call.proc();
    }
}
