package io.uloop;

import io.uloop.internal.LoopAccess;
import io.uloop.internal.LoopEnd;
import io.uloop.internal.Resumable;
import io.uloop.memory.BufferBudget;
import io.uloop.observe.LoopObserver;
import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The inside of one loop, as the other packages of this module see it. */
final class LoopInside implements LoopAccess {
    private final LoopState state;
    private final LoopOwner owner;
    private final LongSupplier clock;
    private final BufferBudget buffers;
    private final LoopObserver observer;
    private final ConcurrentMap<Class<?>, Object> attachments = new ConcurrentHashMap<>(4);
    private final AtomicInteger connections = new AtomicInteger();
    private final Failures failures;
    private final CloseActions atClose;
    private final EndHandlers ends;
    private final RegistrationTable registrations;
    private final Resumptions resumptions;
    private final Turn turn;
    private final Predicate<Runnable> offer;
    private final Runnable wakeup;
    private final Runnable windUp;

    LoopInside(
            LoopState state,
            LoopOwner owner,
            LongSupplier clock,
            BufferBudget buffers,
            LoopObserver observer,
            Failures failures,
            CloseActions atClose,
            EndHandlers ends,
            RegistrationTable registrations,
            Resumptions resumptions,
            Turn turn,
            Predicate<Runnable> offer,
            Runnable wakeup,
            Runnable windUp) {
        this.state = state;
        this.owner = owner;
        this.clock = clock;
        this.buffers = buffers;
        this.observer = observer;
        this.failures = failures;
        this.atClose = atClose;
        this.ends = ends;
        this.registrations = registrations;
        this.resumptions = resumptions;
        this.turn = turn;
        this.offer = offer;
        this.wakeup = wakeup;
        this.windUp = windUp;
    }

    @Override
    public LongSupplier clock() {
        return clock;
    }

    @Override
    public BufferBudget buffers() {
        return buffers;
    }

    @Override
    public LoopObserver observer() {
        return observer;
    }

    @Override
    public ConcurrentMap<Class<?>, Object> attachments() {
        return attachments;
    }

    @Override
    public AtomicInteger connections() {
        return connections;
    }

    @Override
    public void addAtClose(Runnable action) {
        if (!atClose.add(action)) {
            action.run();
            throw state.closedException();
        }
    }

    @Override
    public boolean removeAtClose(Runnable action) {
        return atClose.remove(action);
    }

    @Override
    public void awaited(int change) {
        state.awaited(change);
        if (change < 0) {
            wakeup.run(); // the loop may be idle now
        }
    }

    @Override
    public void addEnd(LoopEnd end) {
        if (!ends.add(end)) {
            throw state.closedException();
        }
        windUp.run(); // a concurrent close may have missed it
    }

    @Override
    public void removeEnd(LoopEnd end) {
        ends.remove(end);
    }

    @Override
    public void beginShutdown() {
        ends.shutdownBegins(this::callAtEnd);
    }

    /** Calls all end handlers. */
    void loopClosed() {
        ends.loopClosed(this::callAtEnd);
    }

    private void callAtEnd(LoopTask call) {
        failures.guard("end handler", call);
    }

    @Override
    public void register(int fd, int interest, Object handler, boolean unref) throws IOException {
        registrations.addOwned(fd, interest, (EventHandler) handler, unref);
    }

    @Override
    public void setUnref(int fd, boolean unref) {
        registrations.setUnref(fd, unref);
    }

    @Override
    public boolean isRegistered(int fd) {
        return registrations.isRegistered(fd);
    }

    @Override
    public void deregister(int fd) {
        registrations.removeOwned(fd);
    }

    @Override
    public int fd() throws IOException {
        return turn.fd();
    }

    @Override
    public long timeoutNanos() {
        return turn.timeoutNanos();
    }

    @Override
    public void addIdleness(BooleanSupplier idle) {
        turn.addIdleness(idle);
    }

    @Override
    public void removeIdleness(BooleanSupplier idle) {
        turn.removeIdleness(idle);
    }

    @Override
    public void dump(StringBuilder text) {
        registrations.dump(text);
        turn.dump(text);
    }

    @Override
    public boolean isIdle() {
        return turn.isIdle();
    }

    @Override
    public boolean isStillExceptFor(int awaited) {
        return turn.isStillExceptFor(awaited);
    }

    @Override
    public void ready(Resumable resumable) {
        resumptions.add(resumable);
    }

    @Override
    public @Nullable Resumable resumed() {
        return resumptions.current();
    }

    @Override
    public void runReady() {
        while (!resumptions.isEmpty()) {
            resumptions.run(Integer.MAX_VALUE);
        }
    }

    @Override
    public boolean offer(Runnable task) {
        return offer.test(task);
    }

    @Override
    public void setGuest(@Nullable Thread thread) {
        owner.setGuest(thread);
    }

    @Override
    public void requirePlatformThread() {
        owner.requirePlatformThread();
    }

    @Override
    public boolean isBlockedByWaiting() {
        return owner.isBlockedByWaiting();
    }

    @Override
    public boolean hold() {
        return owner.hold();
    }

    @Override
    public void letGo() {
        owner.letGo();
    }

    @Override
    public boolean claim() {
        return owner.claim();
    }

    @Override
    public void release(boolean claimed) {
        owner.release(claimed);
    }

    @Override
    public IllegalStateException closedException() {
        return state.closedException();
    }
}
