package io.uloop;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/** What a loop calls besides handlers: timers, tasks and hooks. */
final class Agenda {
    /** The clock of loops that were not given another one, always this object. */
    static final LongSupplier SYSTEM_CLOCK = System::nanoTime;

    /** The time in nanoseconds that the loop and the timers follow. */
    final LongSupplier clock;

    /** Whether the clock is also that of {@link io.uloop.poller.Poller#pollUntil}. */
    final boolean onSystemClock;

    final Timers timers;
    final Tasks tasks;
    final Hooks beforePoll;
    final Hooks afterPoll;

    /** The most timers of each clock and the most tasks that one turn calls. */
    final int bound;

    Agenda(
            LoopState state,
            LoopOwner owner,
            Failures failures,
            LongSupplier clock,
            InstantSource wallClock,
            int bound) {
        this.clock = clock;
        onSystemClock = clock == SYSTEM_CLOCK;
        timers = new Timers(clock, wallClock, state, owner, failures);
        tasks = new Tasks(failures);
        beforePoll = new Hooks(owner, failures);
        afterPoll = new Hooks(owner, failures);
        this.bound = bound;
    }
}
