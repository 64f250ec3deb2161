package io.uloop.fiber;

import io.uloop.EventHandler;
import io.uloop.net.LoopChannel;
import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.AsynchronousCloseException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What is known about the readiness of one descriptor, kept between operations. An operation tries
 * the system call while its direction counts as ready, and waits otherwise. The first wait
 * registers the descriptor. Where the backend has edges, that is the only call of the poller in its
 * life.
 *
 * <p>Thread-safe. At most one thread may wait for each direction.
 */
final class Readiness implements EventHandler, Waiting {
    /** The descriptor counts as readable. */
    static final int READ = 1;

    /** The descriptor counts as writable. */
    static final int WRITE = 2;

    /** An event told more than readiness, so a short read may not have drained the input. */
    private static final int SPECIAL = 4;

    private static final int CLOSED = 8;

    /** Added for every event, so that the state tells whether one came since it was read. */
    private static final int EVENT = 16;

    private static final int ENDS = UEvent.ERR | UEvent.HUP | UEvent.NVAL;
    private static final int SPECIALS = UEvent.PRI | UEvent.RDHUP | ENDS;
    private static final int READS = UEvent.IN | SPECIALS;
    private static final int WRITES = UEvent.OUT | ENDS;

    private static final VarHandle STATE;
    private static final VarHandle READER;
    private static final VarHandle WRITER;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(Readiness.class, "state", int.class);
            READER = lookup.findVarHandle(Readiness.class, "reader", Thread.class);
            WRITER = lookup.findVarHandle(Readiness.class, "writer", Thread.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Scheduler scheduler;
    private final LoopChannel channel;
    private final int interest;
    private volatile int state;
    private volatile @Nullable Thread reader;
    private volatile @Nullable Thread writer;
    private volatile @Nullable Exception failure;
    private volatile boolean registered;

    /** The interest of the registration. Used on the loop's thread only. */
    private int current;

    /**
     * Creates the readiness of a descriptor that is not registered.
     *
     * @param interest that of its only registration if it has EDGE; otherwise it is modified as
     *     threads wait
     * @param ready the directions in which the next operation tries the system call first
     */
    Readiness(Scheduler scheduler, LoopChannel channel, int interest, int ready) {
        this.scheduler = scheduler;
        this.channel = channel;
        this.interest = interest;
        state = ready;
    }

    private boolean hasEdges() {
        return (interest & UEvent.EDGE) != 0;
    }

    /** Returns what is known, for {@link #drained}. */
    int known() {
        return state;
    }

    static boolean isReady(int state, int direction) {
        return (state & direction) != 0;
    }

    /** Returns whether a short read has drained the input of a TCP connection. */
    boolean isDrainedByShortRead(int seen) {
        return !hasEdges() || (seen & SPECIAL) == 0;
    }

    /**
     * Records that the descriptor is not ready, unless an event came meanwhile.
     *
     * @param seen the state before the system call
     */
    void drained(int seen, int direction) {
        boolean unused = STATE.compareAndSet(this, seen, seen & ~direction);
    }

    /** Returns whether {@link #await} has ever been called. */
    boolean wasRegistered() {
        return registered;
    }

    /**
     * Waits until a direction is ready. The caller has checked that this thread may wait.
     *
     * @throws AsynchronousCloseException if the descriptor is closed
     * @throws IOException ENOMEM or ENOSPC if it cannot be registered
     */
    void await(int direction) throws IOException, InterruptedException {
        beginWaiting(direction);
        try {
            register(direction);
            while ((state & (direction | CLOSED)) == 0) {
                rethrowFailure();
                scheduler.checkpoint();
                if (!registered) { // the failure was that of the other direction's registration
                    register(direction);
                }
                scheduler.park(this);
            }
        } finally {
            endWaiting(direction);
        }
        if ((state & CLOSED) != 0) {
            throw new AsynchronousCloseException();
        }
    }

    /** Makes a direction count as ready, without an event. */
    void signal(int directions) {
        STATE.getAndBitwiseOr(this, directions);
        wake(directions);
    }

    /** Makes all waits end. */
    void close() {
        STATE.getAndBitwiseOr(this, CLOSED);
        wake(READ | WRITE);
    }

    @Override
    public FiberState state() {
        return FiberState.WAITING_FOR_DESCRIPTOR;
    }

    @Override
    public int fd() {
        return channel.fd();
    }

    @Override
    public int events(Thread thread) {
        return thread == writer ? UEvent.OUT : UEvent.IN;
    }

    /** Records this thread, with the order that the check of the state after it needs. */
    private void beginWaiting(int direction) {
        if (direction == READ) {
            reader = Thread.currentThread();
        } else {
            writer = Thread.currentThread();
        }
    }

    /** Forgets this thread. An event that still sees it unparks it in vain, which is harmless. */
    private void endWaiting(int direction) {
        if (direction == READ) {
            READER.setRelease(this, (Thread) null);
        } else {
            WRITER.setRelease(this, (Thread) null);
        }
    }

    private void wake(int directions) {
        if ((directions & READ) != 0) {
            LockSupport.unpark(reader);
        }
        if ((directions & WRITE) != 0) {
            LockSupport.unpark(writer);
        }
    }

    private void wakeInTurn(@Nullable Thread waiting) {
        if (waiting != null) {
            scheduler.wakeInTurn(waiting);
        }
    }

    private void rethrowFailure() throws IOException {
        Exception thrown = failure;
        if (thrown == null) {
            return;
        }
        failure = null;
        if (thrown instanceof IOException e) {
            throw e;
        }
        throw (RuntimeException) thrown;
    }

    private void register(int direction) {
        if (registered && hasEdges()) {
            return;
        }
        registered = true;
        if ((state & CLOSED) != 0) {
            return; // a close that did not see the flag may be closing the descriptor right now
        }
        if (scheduler.loop().inLoop()) {
            registerInLoop(direction);
            return;
        }
        try {
            scheduler.loop().execute(() -> registerInLoop(direction));
        } catch (RejectedExecutionException e) {
            // The checkpoint of the wait throws.
        }
    }

    private void registerInLoop(int direction) {
        try {
            if (hasEdges()) {
                if (current == UEvent.NONE && channel.isOpen()) {
                    channel.register(interest, this);
                    current = interest;
                }
            } else {
                setInterest(current | (direction == READ ? UEvent.IN : UEvent.OUT));
            }
        } catch (ClosedPollerException e) {
            // The loop ends, which wakes all waits.
        } catch (IOException | RuntimeException e) {
            registered = false;
            failure = e;
            wake(READ | WRITE);
        }
    }

    /** Changes the interest of a descriptor on a backend without edges. */
    private void setInterest(int wanted) throws IOException {
        if (wanted == current || !channel.isOpen()) {
            return;
        }
        if (scheduler.isRegistered(channel)) {
            channel.modify(wanted);
        } else {
            channel.register(wanted, this);
        }
        current = wanted;
    }

    @Override
    public void processEvent(int fd, int events) throws IOException {
        int directions = ((events & READS) != 0 ? READ : 0) | ((events & WRITES) != 0 ? WRITE : 0);
        int news = directions | ((events & SPECIALS) != 0 ? SPECIAL : 0);
        int before;
        do {
            before = state;
        } while (!STATE.compareAndSet(this, before, (before | news) + EVENT));
        boolean isReadSoon = reader != null && (before & READ) == 0;
        wakeInTurn((directions & READ) != 0 ? reader : null);
        wakeInTurn((directions & WRITE) != 0 ? writer : null);
        if (!hasEdges()) {
            // A woken reader tends to wait again before the next poll, but not if its thread gets
            // no CPU time. Nobody waits to write for long.
            int over = (isReadSoon ? UEvent.NONE : UEvent.IN) | UEvent.OUT;
            setInterest(current & ~(events & over));
        }
    }
}
