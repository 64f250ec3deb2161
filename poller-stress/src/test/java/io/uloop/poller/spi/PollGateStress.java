package io.uloop.poller.spi;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.uloop.poller.ClosedPollerException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIZ_Result;
import org.openjdk.jcstress.infra.results.ZIZ_Result;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/**
 * Races of two threads through a gate. A wakeup is never lost, no signal follows the release, and
 * the release happens exactly once. {@link StressTest} runs them. Each race has two threads,
 * because jcstress skips tests that need more threads than the machine has processors.
 */
final class PollGateStress {
    private PollGateStress() {}

    /**
     * Results: whether park allows a wait, the number of signals, whether unpark reports the
     * wakeup.
     */
    @JCStressTest
    @State
    @Outcome(id = "false, 0, false", expect = ACCEPTABLE, desc = "woken before the wait")
    @Outcome(id = "true, 1, true", expect = ACCEPTABLE, desc = "woken by a signal")
    @Outcome(expect = FORBIDDEN, desc = "wakeup lost, or signalled needlessly")
    public static class WakeupAgainstPark {
        private final CountedGate counted = new CountedGate();

        public WakeupAgainstPark() {
            counted.enter();
        }

        @Actor
        public void park(ZIZ_Result result) {
            result.r1 = counted.gate.park();
        }

        @Actor
        public void wakeup() {
            counted.gate.wakeup();
        }

        @Arbiter
        public void arbiter(ZIZ_Result result) {
            result.r2 = counted.signals();
            result.r3 = counted.gate.unpark();
        }
    }

    /**
     * Results: whether the poll sees the wakeup, the number of signals, whether the wakeup is left
     * for the next poll.
     */
    @JCStressTest
    @State
    @Outcome(id = "true, 0, false", expect = ACCEPTABLE, desc = "woken before the wait")
    @Outcome(id = "true, 1, false", expect = ACCEPTABLE, desc = "woken during the wait")
    @Outcome(id = "false, 0, true", expect = ACCEPTABLE, desc = "woken after the wait")
    @Outcome(expect = FORBIDDEN, desc = "wakeup lost, reported twice, or signalled needlessly")
    public static class WakeupAgainstPoll {
        private final CountedGate counted = new CountedGate();

        @Actor
        public void poll(ZIZ_Result result) {
            counted.enter();
            result.r1 = !counted.gate.park() || counted.gate.unpark();
            counted.exit();
        }

        @Actor
        public void wakeup() {
            counted.gate.wakeup();
        }

        @Arbiter
        public void arbiter(ZIZ_Result result) {
            result.r2 = counted.signals();
            result.r3 = counted.gate.takeNotice();
        }
    }

    /**
     * Results: the number of signals, the number of releases, whether unpark reports the wakeups.
     */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, true", expect = ACCEPTABLE, desc = "coalesced")
    @Outcome(expect = FORBIDDEN, desc = "wakeup lost, or signalled twice")
    public static class TwoWakeupsOfAWait {
        private final CountedGate counted = waiting(new CountedGate());

        @Actor
        public void one() {
            counted.gate.wakeup();
        }

        @Actor
        public void other() {
            counted.gate.wakeup();
        }

        @Arbiter
        public void arbiter(IIZ_Result result) {
            result.r1 = counted.signals();
            result.r2 = counted.frees();
            result.r3 = counted.gate.unpark();
        }
    }

    /**
     * Results: whether park allows a wait, the number of signals, whether the release was wrong.
     */
    @JCStressTest
    @State
    @Outcome(id = "false, 0, false", expect = ACCEPTABLE, desc = "closed before the wait")
    @Outcome(id = "true, 1, false", expect = ACCEPTABLE, desc = "woken by a signal")
    @Outcome(expect = FORBIDDEN, desc = "close lost, or freed at the wrong time")
    public static class CloseAgainstPark {
        private final CountedGate counted = new CountedGate();

        public CloseAgainstPark() {
            counted.enter();
        }

        @Actor
        public void park(ZIZ_Result result) {
            result.r1 = counted.gate.park();
        }

        @Actor
        public void close() {
            counted.gate.close();
        }

        @Arbiter
        public void arbiter(ZIZ_Result result) {
            result.r2 = counted.signals();
            counted.exit();
            result.r3 = counted.isBroken() || counted.frees() != 1;
        }
    }

    /** Results: whether the poll starts, the number of releases, whether the gate was misused. */
    @JCStressTest
    @State
    @Outcome(id = "(true|false), 1, false", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "leaked, freed twice, or freed during a poll")
    public static class CloseAgainstEnter {
        private final CountedGate counted = new CountedGate();

        @Actor
        public void poll(ZIZ_Result result) {
            try {
                counted.enter();
            } catch (ClosedPollerException e) {
                return;
            }
            result.r1 = true;
            counted.exit();
        }

        @Actor
        public void close() {
            counted.gate.close();
        }

        @Arbiter
        public void arbiter(ZIZ_Result result) {
            result.r2 = counted.frees();
            result.r3 = counted.isBroken();
        }
    }

    /**
     * Results: whether unpark reports the close, the number of signals, whether the release was
     * wrong.
     */
    @JCStressTest
    @State
    @Outcome(id = "true, 1, false", expect = ACCEPTABLE, desc = "closed during the wait")
    @Outcome(id = "false, 0, false", expect = ACCEPTABLE, desc = "closed after the wait")
    @Outcome(expect = FORBIDDEN, desc = "leaked, freed twice, or freed during a poll or signal")
    public static class CloseAgainstExit {
        private final CountedGate counted = waiting(new CountedGate());

        @Actor
        public void leave(ZIZ_Result result) {
            result.r1 = counted.gate.unpark();
            counted.exit();
        }

        @Actor
        public void close() {
            counted.gate.close();
        }

        @Arbiter
        public void arbiter(ZIZ_Result result) {
            result.r2 = counted.signals();
            result.r3 = counted.isBroken() || counted.frees() != 1;
        }
    }

    /** Results: the number of signals, the number of releases, whether the gate was misused. */
    @JCStressTest
    @State
    @Outcome(id = "0, 1, false", expect = ACCEPTABLE, desc = "coalesced")
    @Outcome(expect = FORBIDDEN, desc = "leaked or freed twice")
    public static class TwoCloses {
        private final CountedGate counted = new CountedGate();

        @Actor
        public void one() {
            counted.gate.close();
        }

        @Actor
        public void other() {
            counted.gate.close();
        }

        @Arbiter
        public void arbiter(IIZ_Result result) {
            result.r1 = counted.signals();
            result.r2 = counted.frees();
            result.r3 = counted.isBroken();
        }
    }

    /**
     * Results: the number of signals, the number of releases before the poll ends, whether the
     * release was wrong.
     */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, false", expect = ACCEPTABLE, desc = "coalesced")
    @Outcome(expect = FORBIDDEN, desc = "signalled twice, or freed at the wrong time")
    public static class TwoClosesOfAWait {
        private final CountedGate counted = waiting(new CountedGate());

        @Actor
        public void one() {
            counted.gate.close();
        }

        @Actor
        public void other() {
            counted.gate.close();
        }

        @Arbiter
        public void arbiter(IIZ_Result result) {
            result.r1 = counted.signals();
            result.r2 = counted.frees();
            counted.exit();
            result.r3 = counted.isBroken() || counted.frees() != 1;
        }
    }

    /**
     * Results: the number of signals, the number of releases before the poll ends, whether the
     * release was wrong.
     */
    @JCStressTest
    @State
    @Outcome(id = "2, 0, false", expect = ACCEPTABLE, desc = "woken, then closed")
    @Outcome(id = "1, 0, false", expect = ACCEPTABLE, desc = "closed, so no wakeup needed")
    @Outcome(expect = FORBIDDEN, desc = "wakeup lost, or freed at the wrong time")
    public static class WakeupAgainstCloseOfAWait {
        private final CountedGate counted = waiting(new CountedGate());

        @Actor
        public void wakeup() {
            counted.gate.wakeup();
        }

        @Actor
        public void close() {
            counted.gate.close();
        }

        @Arbiter
        public void arbiter(IIZ_Result result) {
            result.r1 = counted.signals();
            result.r2 = counted.frees();
            counted.exit();
            result.r3 = counted.isBroken() || counted.frees() != 1;
        }
    }

    /**
     * A close overtakes the wakeup's signal, so any of the three may be the last to leave. Results:
     * the number of signals, the number of releases, whether the gate was misused.
     */
    @JCStressTest
    @State
    @Outcome(id = "[012], 1, false", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "leaked, freed twice, or signalled after being freed")
    public static class SignalAgainstCloseAgainstExit {
        private final CountedGate counted = waiting(new CountedGate(this::close));

        @Actor
        public void wakeup() {
            counted.gate.wakeup();
            close(); // for a wakeup that did not need to signal
        }

        @Actor
        public void leave() {
            counted.gate.unpark();
            counted.exit();
        }

        @Arbiter
        public void arbiter(IIZ_Result result) {
            result.r1 = counted.signals();
            result.r2 = counted.frees();
            result.r3 = counted.isBroken();
        }

        private void close() {
            counted.gate.close();
        }
    }

    /**
     * A watcher does not call park. It waits for a signal, which a wakeup gives once it sees the
     * watcher, and the watcher gives itself if it sees the wakeup. Results: the number of signals,
     * the number of releases, whether the wakeup is pending.
     */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, true", expect = ACCEPTABLE, desc = "signalled by one of the two")
    @Outcome(expect = FORBIDDEN, desc = "the watcher misses the wakeup, or has two signals")
    public static class WakeupAgainstWatch {
        private final CountedGate counted = new CountedGate();

        @Actor
        public void watch() {
            counted.watch();
        }

        @Actor
        public void wakeup() {
            counted.gate.wakeup();
        }

        @Arbiter
        public void arbiter(IIZ_Result result) {
            result.r1 = counted.signals();
            result.r2 = counted.frees();
            result.r3 = counted.gate.isNoticed();
        }
    }

    /** Results: the number of signals, the number of releases, whether a wakeup is pending. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, true", expect = ACCEPTABLE, desc = "coalesced")
    @Outcome(expect = FORBIDDEN, desc = "the watcher misses the wakeups, or has two signals")
    public static class TwoWakeupsOfAWatchedPoller {
        private final CountedGate counted = watched();

        @Actor
        public void one() {
            counted.gate.wakeup();
        }

        @Actor
        public void other() {
            counted.gate.wakeup();
        }

        @Arbiter
        public void arbiter(IIZ_Result result) {
            result.r1 = counted.signals();
            result.r2 = counted.frees();
            result.r3 = counted.gate.isNoticed();
        }
    }

    /**
     * A poll of a watched poller does not wait. Results: whether the poll sees the wakeup, the
     * number of signals, whether the wakeup is left for the next poll.
     */
    @JCStressTest
    @State
    @Outcome(id = "true, 1, false", expect = ACCEPTABLE, desc = "woken before the end of the poll")
    @Outcome(id = "false, 1, true", expect = ACCEPTABLE, desc = "woken later")
    @Outcome(expect = FORBIDDEN, desc = "wakeup lost, reported twice, or without a signal")
    public static class WakeupAgainstPollOfAWatchedPoller {
        private final CountedGate counted = watched();

        @Actor
        public void poll(ZIZ_Result result) {
            counted.enter();
            result.r1 = counted.gate.takeNotice();
            counted.exit();
        }

        @Actor
        public void wakeup() {
            counted.gate.wakeup();
        }

        @Arbiter
        public void arbiter(ZIZ_Result result) {
            result.r2 = counted.signals();
            result.r3 = counted.gate.takeNotice();
        }
    }

    /**
     * Results: whether the watcher gets a descriptor, the number of signals, whether the release
     * was wrong.
     */
    @JCStressTest
    @State
    @Outcome(id = "false, 0, false", expect = ACCEPTABLE, desc = "closed before")
    @Outcome(id = "true, 0, false", expect = ACCEPTABLE, desc = "closed in between")
    @Outcome(id = "true, 1, false", expect = ACCEPTABLE, desc = "closed afterwards")
    @Outcome(expect = FORBIDDEN, desc = "leaked, freed twice, or freed while it is given away")
    public static class CloseAgainstWatch {
        private final CountedGate counted = new CountedGate();

        @Actor
        public void watch(ZIZ_Result result) {
            result.r1 = counted.watch();
        }

        @Actor
        public void close() {
            counted.gate.close();
        }

        @Arbiter
        public void arbiter(ZIZ_Result result) {
            result.r2 = counted.signals();
            result.r3 = counted.isBroken() || counted.frees() != 1;
        }
    }

    /** Results: the number of signals, the number of releases, whether the gate was misused. */
    @JCStressTest
    @State
    @Outcome(id = "2, 1, false", expect = ACCEPTABLE, desc = "woken, then closed")
    @Outcome(id = "1, 1, false", expect = ACCEPTABLE, desc = "closed, so no wakeup needed")
    @Outcome(expect = FORBIDDEN, desc = "leaked, freed twice, or freed during a signal")
    public static class WakeupAgainstCloseOfAWatchedPoller {
        private final CountedGate counted = watched();

        @Actor
        public void wakeup() {
            counted.gate.wakeup();
        }

        @Actor
        public void close() {
            counted.gate.close();
        }

        @Arbiter
        public void arbiter(IIZ_Result result) {
            result.r1 = counted.signals();
            result.r2 = counted.frees();
            result.r3 = counted.isBroken();
        }
    }

    /**
     * Results: whether the first polls, whether the second polls, whether both were inside at once.
     */
    @JCStressTest
    @State
    @Outcome(id = "true, true, false", expect = ACCEPTABLE, desc = "one after the other")
    @Outcome(id = "true, false, false", expect = ACCEPTABLE, desc = "the second is rejected")
    @Outcome(id = "false, true, false", expect = ACCEPTABLE, desc = "the first is rejected")
    @Outcome(expect = FORBIDDEN, desc = "both at once, or neither")
    public static class TwoPolls {
        private final CountedGate counted = new CountedGate();

        @Actor
        public void one(ZZZ_Result result) {
            result.r1 = poll();
        }

        @Actor
        public void other(ZZZ_Result result) {
            result.r2 = poll();
        }

        @Arbiter
        public void arbiter(ZZZ_Result result) {
            result.r3 = counted.isBroken();
        }

        private boolean poll() {
            try {
                counted.enter();
            } catch (IllegalStateException e) {
                return false;
            }
            counted.exit();
            return true;
        }
    }

    /**
     * Results: whether the first registers, whether the second registers, whether both were inside
     * at once.
     */
    @JCStressTest
    @State
    @Outcome(id = "true, true, false", expect = ACCEPTABLE, desc = "one after the other")
    @Outcome(id = "true, false, false", expect = ACCEPTABLE, desc = "the second is rejected")
    @Outcome(id = "false, true, false", expect = ACCEPTABLE, desc = "the first is rejected")
    @Outcome(expect = FORBIDDEN, desc = "both at once, or neither")
    public static class TwoRegistrations {
        private final CountedGate counted = new CountedGate();

        @Actor
        public void one(ZZZ_Result result) {
            result.r1 = counted.register();
        }

        @Actor
        public void other(ZZZ_Result result) {
            result.r2 = counted.register();
        }

        @Arbiter
        public void arbiter(ZZZ_Result result) {
            result.r3 = counted.isBroken();
        }
    }

    /**
     * Results: whether the first registers, whether the second polls, whether both were inside at
     * once.
     */
    @JCStressTest
    @State
    @Outcome(id = "true, true, false", expect = ACCEPTABLE, desc = "one after the other")
    @Outcome(id = "false, true, false", expect = ACCEPTABLE, desc = "the first is rejected")
    @Outcome(expect = FORBIDDEN, desc = "both at once, or the poll is rejected")
    public static class RegistrationAgainstPoll {
        private final CountedGate counted = new CountedGate();

        @Actor
        public void register(ZZZ_Result result) {
            result.r1 = counted.register();
        }

        @Actor
        public void poll(ZZZ_Result result) {
            counted.enter();
            counted.exit();
            result.r2 = true;
        }

        @Arbiter
        public void arbiter(ZZZ_Result result) {
            result.r3 = counted.isBroken();
        }
    }

    /** Results: whether it registers, the number of releases, whether the gate was misused. */
    @JCStressTest
    @State
    @Outcome(id = "(true|false), 1, false", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "leaked, freed twice, or freed during a registration")
    public static class RegistrationAgainstClose {
        private final CountedGate counted = new CountedGate();

        @Actor
        public void register(ZIZ_Result result) {
            result.r1 = counted.register();
        }

        @Actor
        public void close() {
            counted.gate.close();
        }

        @Arbiter
        public void arbiter(ZIZ_Result result) {
            result.r2 = counted.frees();
            result.r3 = counted.isBroken();
        }
    }

    private static CountedGate watched() {
        CountedGate counted = new CountedGate();
        counted.watch();
        return counted;
    }

    private static CountedGate waiting(CountedGate counted) {
        counted.enter();
        counted.gate.park();
        return counted;
    }
}
