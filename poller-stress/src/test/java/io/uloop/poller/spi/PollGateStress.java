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
 * Races of two threads through a gate: a wakeup is never lost, a signal never comes after the
 * release, and the release comes once. {@link StressTest} runs them. Two threads each, because more
 * than the machine has processors would be left out.
 */
final class PollGateStress {
    private PollGateStress() {}

    /** Results: it waits, signals, the end of the wait tells of the wakeup. */
    @JCStressTest
    @State
    @Outcome(id = "false, 0, false", expect = ACCEPTABLE, desc = "woken before: no wait")
    @Outcome(id = "true, 1, true", expect = ACCEPTABLE, desc = "woken by a signal")
    @Outcome(expect = FORBIDDEN, desc = "lost, or signalled for nothing")
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

    /** Results: the poll is told of the wakeup, signals, it is left for the next poll. */
    @JCStressTest
    @State
    @Outcome(id = "true, 0, false", expect = ACCEPTABLE, desc = "woken before the wait")
    @Outcome(id = "true, 1, false", expect = ACCEPTABLE, desc = "woken in the wait")
    @Outcome(id = "false, 0, true", expect = ACCEPTABLE, desc = "woken after it")
    @Outcome(expect = FORBIDDEN, desc = "lost, told twice, or signalled for nothing")
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

    /** Results: signals, releases, whether the end of the wait tells of them. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, true", expect = ACCEPTABLE, desc = "two are one")
    @Outcome(expect = FORBIDDEN, desc = "lost, or signalled twice")
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

    /** Results: it waits, signals, the release is not as it has to be. */
    @JCStressTest
    @State
    @Outcome(id = "false, 0, false", expect = ACCEPTABLE, desc = "closed before: no wait")
    @Outcome(id = "true, 1, false", expect = ACCEPTABLE, desc = "woken by a signal")
    @Outcome(expect = FORBIDDEN, desc = "would wait for ever, or freed at the wrong time")
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

    /** Results: the poll begins, releases, the release is not as it has to be. */
    @JCStressTest
    @State
    @Outcome(id = "(true|false), 1, false", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "leaked, freed twice, or freed under a poll")
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

    /** Results: the end of the wait tells of the close, signals, the release is not as it was. */
    @JCStressTest
    @State
    @Outcome(id = "true, 1, false", expect = ACCEPTABLE, desc = "closed in the wait")
    @Outcome(id = "false, 0, false", expect = ACCEPTABLE, desc = "closed after it")
    @Outcome(expect = FORBIDDEN, desc = "leaked, freed twice, or freed under a poll or a signal")
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

    /** Results: signals, releases, the release is not as it has to be. */
    @JCStressTest
    @State
    @Outcome(id = "0, 1, false", expect = ACCEPTABLE, desc = "two are one")
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

    /** Results: signals, releases before the poll has ended, not one release after it. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, false", expect = ACCEPTABLE, desc = "two are one")
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

    /** Results: signals, releases before the poll has ended, not one release after it. */
    @JCStressTest
    @State
    @Outcome(id = "2, 0, false", expect = ACCEPTABLE, desc = "woken, then closed")
    @Outcome(id = "1, 0, false", expect = ACCEPTABLE, desc = "closed, then no need to wake")
    @Outcome(expect = FORBIDDEN, desc = "lost, or freed at the wrong time")
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
     * The wakeup's signal is overtaken by a close, so that each of three may be the last to leave.
     * Results: signals, releases, the release is not as it has to be.
     */
    @JCStressTest
    @State
    @Outcome(id = "[012], 1, false", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "leaked, freed twice, or signalled after it was freed")
    public static class SignalAgainstCloseAgainstExit {
        private final CountedGate counted = waiting(new CountedGate(this::close));

        @Actor
        public void wakeup() {
            counted.gate.wakeup();
            close(); // in case that there was no need to signal
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

    /** Results: the one polls, the other polls, both at once. */
    @JCStressTest
    @State
    @Outcome(id = "true, true, false", expect = ACCEPTABLE, desc = "one after the other")
    @Outcome(id = "true, false, false", expect = ACCEPTABLE, desc = "the other is refused")
    @Outcome(id = "false, true, false", expect = ACCEPTABLE, desc = "the one is refused")
    @Outcome(expect = FORBIDDEN, desc = "two at once, or nobody")
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

    /** Results: the one registers, the other registers, both at once. */
    @JCStressTest
    @State
    @Outcome(id = "true, true, false", expect = ACCEPTABLE, desc = "one after the other")
    @Outcome(id = "true, false, false", expect = ACCEPTABLE, desc = "the other is refused")
    @Outcome(id = "false, true, false", expect = ACCEPTABLE, desc = "the one is refused")
    @Outcome(expect = FORBIDDEN, desc = "two at once, or nobody")
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

    /** Results: the one registers, the other polls, both at once. */
    @JCStressTest
    @State
    @Outcome(id = "true, true, false", expect = ACCEPTABLE, desc = "one after the other")
    @Outcome(id = "false, true, false", expect = ACCEPTABLE, desc = "the one is refused")
    @Outcome(expect = FORBIDDEN, desc = "two at once, or the poll is refused")
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

    /** Results: it registers, releases, the release is not as it has to be. */
    @JCStressTest
    @State
    @Outcome(id = "(true|false), 1, false", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "leaked, freed twice, or freed under a registration")
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

    private static CountedGate waiting(CountedGate counted) {
        counted.enter();
        counted.gate.park();
        return counted;
    }
}
