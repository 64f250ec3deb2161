package io.uloop;

import java.util.function.LongSupplier;

/** What a loop calls besides handlers: timers, tasks and hooks. */
final class Agenda {
    /** The time in nanoseconds that {@link Uloop#now} and the timers follow. */
    final LongSupplier clock;

    final Timers timers;
    final Tasks tasks;
    final Hooks beforePoll;
    final Hooks afterPoll;

    /** The most timers of each clock and the most tasks that one turn calls. */
    final int bound;

    Agenda(LoopState state, LoopOwner owner, Failures failures, UloopBuilder builder) {
        clock = builder.clock;
        timers = new Timers(clock, builder.wallClock, state, owner, failures);
        tasks = new Tasks(failures);
        beforePoll = new Hooks(owner, failures);
        afterPoll = new Hooks(owner, failures);
        bound = builder.turnBound;
    }
}
