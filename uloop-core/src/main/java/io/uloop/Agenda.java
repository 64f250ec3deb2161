package io.uloop;

import java.time.InstantSource;

/** What a loop calls besides handlers: timers, tasks and hooks. */
final class Agenda {
    final Timers timers;
    final Tasks tasks;
    final Hooks beforePoll;
    final Hooks afterPoll;

    /** The most timers of each clock and the most tasks that one turn calls. */
    final int bound;

    Agenda(LoopState state, LoopOwner owner, Failures failures, InstantSource wall, int bound) {
        timers = new Timers(System::nanoTime, wall, state, owner, failures);
        tasks = new Tasks(failures);
        beforePoll = new Hooks(owner, failures);
        afterPoll = new Hooks(owner, failures);
        this.bound = bound;
    }
}
