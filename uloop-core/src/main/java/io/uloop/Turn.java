package io.uloop;

import io.uloop.observe.LoopObserver;
import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.EventSink;
import io.uloop.poller.Poller;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The iteration of one loop. Not thread-safe: call from the loop's thread. */
final class Turn implements EventSink {
    private final LoopState state;
    private final Poller poller;
    private final RegistrationTable table;
    private final Agenda agenda;
    private final Resumptions resumptions;
    private final Failures failures;
    private final LoopObserver observer;
    private final Patience patience = new Patience();
    private final BusyPoll busyPoll;

    /** Whether something else that an idle run waits for is idle. */
    private final List<BooleanSupplier> others = new ArrayList<>(0);

    private long now;
    private boolean clockStale;
    private boolean endsWhenIdle;
    private boolean hasRunTasks;

    /** Whether this turn has called anything before its poll, so time has passed. */
    private boolean worked;

    Turn(
            LoopState state,
            Poller poller,
            RegistrationTable table,
            Agenda agenda,
            Resumptions resumptions,
            Failures failures,
            LoopObserver observer,
            BusyPoll busyPoll) {
        this.state = state;
        this.poller = poller;
        this.table = table;
        this.agenda = agenda;
        this.resumptions = resumptions;
        this.failures = failures;
        this.observer = observer;
        this.busyPoll = busyPoll;
        now = agenda.clock.getAsLong();
    }

    /**
     * Runs one turn: timers, tasks, fibers, before-poll hooks, the wait with the handlers of ready
     * descriptors, after-poll hooks. Returns how many events it dispatched.
     */
    int run(long timeoutNanos) throws IOException {
        return run(timeoutNanos, false);
    }

    /**
     * Runs one turn that waits only until something can be called. If timers, tasks or fibers are
     * due at its start, it does not wait. If they end its wait, it calls them.
     */
    int runWithProgress(long timeoutNanos) throws IOException {
        return run(timeoutNanos, true);
    }

    private int run(long timeoutNanos, boolean progresses) throws IOException {
        now = agenda.clock.getAsLong();
        EventSink sink = observer.turnBegins(now, this);
        hasRunTasks = false;
        worked = callDue();
        int hooksRun = agenda.beforePoll.run();
        observer.called(0, 0, hooksRun);
        boolean busy = worked;
        worked |= hooksRun > 0;
        int events = poll(progresses && busy ? 0 : timeoutNanos, sink);
        // No kernel polls these files. They follow the poll, so that they get no start over
        // sockets.
        int files = table.alwaysReady().dispatch(sink);
        if (progresses && !busy && events + files == 0 && state.isOpen()) {
            busy = callDue();
        }
        agenda.afterPoll.run();
        observer.turnEnds(files);
        if (busyPoll.isOn()) {
            busyPoll.turnEnds(
                    busy || events + files > 0, agenda.onSystemClock ? now : System.nanoTime());
        }
        return events + files;
    }

    /** Calls the timers, tasks and fibers that are due. Returns whether there were any. */
    private boolean callDue() {
        // What timers and tasks add waits for the next turn, so that callbacks that add callbacks
        // cannot starve descriptors. Timers skip those added since; tasks are counted first.
        int taskCount = agenda.tasks.isEmpty() ? 0 : Math.min(agenda.tasks.size(), agenda.bound);
        int timersRun = agenda.timers.run(now, agenda.bound);
        int tasksRun = agenda.tasks.run(taskCount);
        hasRunTasks |= tasksRun > 0;
        boolean resumes = !resumptions.isEmpty();
        observer.called(timersRun, tasksRun, resumes ? 1 : 0);
        // What the last wait, the timers or the tasks have made ready, and what that makes ready.
        resumptions.run(agenda.bound);
        return timersRun + tasksRun > 0 || resumes;
    }

    private int poll(long timeoutNanos, EventSink sink) throws IOException {
        long limitNanos = mayWait(timeoutNanos) ? timeoutNanos : 0;
        try {
            int events = pollAtMost(limitNanos, sink);
            refreshClock(); // without an event, nothing has refreshed it
            observer.polled(events);
            return events;
        } catch (ClosedPollerException e) {
            return 0; // closed by this turn or by another thread, so the run ends
        } catch (IOException e) {
            failures.reportWait(e);
            throw e;
        } finally {
            refreshClock();
        }
    }

    private int pollAtMost(long limitNanos, EventSink sink) throws IOException {
        Timer next = limitNanos < 0 && agenda.onSystemClock ? agenda.timers.onlyLimit() : null;
        if (next != null && next.deadline - now > 0) { // saves a reading of the clock
            observer.waitBeginsUntil(next.deadline);
            clockStale = true;
            return poller.pollUntil(next.deadline, sink);
        }
        long waitNanos = limitNanos == 0 ? 0 : agenda.timers.limit(limitNanos);
        observer.waitBegins(waitNanos);
        clockStale = true;
        int events = poller.poll(waitNanos, sink);
        if (events == 0 && busyPoll.isActive() && !table.alwaysReady().isArmed()) {
            observer.idles();
        }
        return events;
    }

    private boolean mayWait(long timeoutNanos) {
        // Any thread may add a task from here on. It wakes the poller, whose next wait returns at
        // once, so the check cannot miss it.
        if (timeoutNanos == 0 || state.isStopRequested() || !agenda.tasks.isEmpty()) {
            return false;
        }
        if (!resumptions.isEmpty() || table.alwaysReady().isArmed()) {
            return false;
        }
        // The timers or tasks of this turn may have been the last work. Nothing would end the wait.
        return !(endsWhenIdle && isIdle());
    }

    @Override
    public void onEvent(int fd, int events) {
        refreshClock(); // at the first event, so that handlers see the time after the wait
        EventHandler handler = table.handler(fd);
        // An earlier handler of this turn may have removed the descriptor. A correct poller then
        // does not report it, but the loop does not rely on that.
        if (handler == null) {
            return;
        }
        // The number is closed, so the handler may open and register the same number again. Ending
        // the registration after the call would end the new one.
        if ((events & UEvent.NVAL) != 0) {
            table.clear(fd);
        }
        observer.callBegins(fd, events);
        try {
            handler.processEvent(fd, events);
        } catch (Exception e) {
            failures.report("handler", handler, fd, events, e);
        } finally {
            observer.callEnds();
        }
    }

    /**
     * Reads the clock once after a wait, or if callbacks of this turn preceded the poll. A poll
     * that found events without waiting takes less time than reading the clock is worth.
     */
    private void refreshClock() {
        if (clockStale) {
            clockStale = false;
            if (worked || poller.hasWaited()) {
                now = agenda.clock.getAsLong();
                observer.waitEnds(now);
            } else {
                observer.waitSkipped();
            }
        }
    }

    /** Returns the poller's descriptor for another loop. */
    int fd() throws IOException {
        return poller.fd();
    }

    /** Returns how long a loop that watches {@link #fd} may wait until it runs this loop. */
    long timeoutNanos() {
        return mayWait(-1) && poller.timeoutNanos() != 0 ? agenda.timers.limit(-1) : 0;
    }

    void addIdleness(BooleanSupplier idle) {
        others.add(idle);
    }

    void removeIdleness(BooleanSupplier idle) {
        others.remove(idle);
    }

    /** Returns how long the next turn of a run may wait, as a poll's timeout. */
    long patience() {
        long timeout = patience.timeout(hasRunTasks);
        return busyPoll.isActive() ? 0 : timeout;
    }

    /** Sets whether a turn that leaves the loop idle does not wait. */
    void setEndsWhenIdle(boolean ends) {
        endsWhenIdle = ends;
    }

    /** {@return whether nothing is left for which an idle run waits} */
    boolean isIdle() {
        return table.awaitedCount() == 0 && agenda.timers.awaitedSize() == 0 && hasNoCalls(0);
    }

    /**
     * {@return whether nothing is left that could call a callback, other than this many awaited
     * futures, processes and fibers}
     */
    boolean isStillExceptFor(int awaited) {
        return table.count() == 0 && agenda.timers.size() == 0 && hasNoCalls(awaited);
    }

    private boolean hasNoCalls(int awaited) {
        return state.awaited() == awaited
                && agenda.tasks.isEmpty()
                && resumptions.isEmpty()
                && areOthersIdle();
    }

    /** Adds lines about what an idle run may wait for besides registrations. */
    void dump(StringBuilder text) {
        agenda.timers.dump(text);
        int awaited = state.awaited();
        if (awaited > 0) {
            text.append("\n  unfinished futures, processes and fibers: ").append(awaited);
        }
    }

    private boolean areOthersIdle() {
        for (int i = 0; i < others.size(); i++) { // an iterator would be an allocation per turn
            if (!others.get(i).getAsBoolean()) {
                return false;
            }
        }
        return true;
    }

    /** {@return the time of the start of the turn, or of the end of its wait} */
    long now() {
        return now;
    }
}
