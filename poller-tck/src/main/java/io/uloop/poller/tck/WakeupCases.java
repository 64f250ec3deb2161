package io.uloop.poller.tck;

import static io.uloop.poller.UEvent.IN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import java.io.IOException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** Cases of wakeups by another thread. */
abstract class WakeupCases extends ContractCases {
    private static final int MILLION = 1_000_000;
    private static final int HUNDRED_THOUSAND = 100_000;

    WakeupCases(Supplier<PollerProvider> backend) {
        super(backend);
    }

    @Case(58)
    void aWakeupBeforeAPollEndsExactlyOnePoll() throws Exception {
        poller.wakeup();
        assertWokenUp();
        assertSilent();
        poller.add(pipe().readEnd(), IN);
        poller.wakeup();
        poller.wakeup();
        assertWokenUp();
        assertSilent();
        poller.wakeup();
        assertEquals(0, poll(0), "a poll with timeout 0 consumes the wakeup");
        assertSilent();
    }

    /** Asserts that the next poll returns without an event before its timeout. */
    private void assertWokenUp() throws IOException {
        long start = System.nanoTime();
        assertEquals(0, poll(DEADLINE_NANOS));
        assertTrue(System.nanoTime() - start < DEADLINE_NANOS, "the wakeup was lost");
    }

    @Case(59)
    void aWakeupEndsAWaitInProgress() throws Exception {
        FutureTask<Boolean> waker =
                inBackground(
                        () -> {
                            untilPolled(poller);
                            letPass(SILENCE_NANOS);
                            poller.wakeup();
                            return true;
                        });
        assertWokenUp();
        assertTrue(result(waker));
        assertSilent();
    }

    @Case(60)
    void aMillionWakeupsBeforeAPollCoalesce() throws Exception {
        for (int i = 0; i < MILLION; i++) {
            poller.wakeup();
        }
        assertWokenUp();
        assertSilent();
    }

    @Case(61)
    @Timeout(value = 300, threadMode = ThreadMode.SEPARATE_THREAD)
    void noneOfAHundredThousandWakeupsIsLost() throws Exception {
        Poller other = anotherPoller();
        AtomicInteger turn = new AtomicInteger();
        FutureTask<Boolean> partner = inBackground(() -> takeTurns(other, poller, turn, 1));
        assertTrue(takeTurns(poller, other, turn, 0));
        assertTrue(result(partner));
        assertEquals(HUNDRED_THOUSAND, turn.get());
    }

    /** Alternates with the other thread, each woken only by the wakeup of the other. */
    private static boolean takeTurns(Poller mine, Poller his, AtomicInteger turn, int parity)
            throws IOException {
        Recorder recorder = new Recorder();
        for (int now; (now = turn.get()) < HUNDRED_THOUSAND; ) {
            if ((now & 1) == parity) {
                turn.set(now + 1);
                his.wakeup();
                continue;
            }
            long start = System.nanoTime();
            assertEquals(0, recorder.poll(mine, DEADLINE_NANOS));
            if (System.nanoTime() - start >= DEADLINE_NANOS) {
                throw new AssertionError("wakeup " + now + " was lost");
            }
        }
        return true;
    }

    @Case(62)
    void aWakeupIsNotAnEvent() throws Exception {
        Descriptors.Pipe pipe = pipe();
        Descriptors.Pipe idle = pipe();
        write(pipe.writeEnd(), 1);
        poller.add(pipe.readEnd(), IN);
        poller.add(idle.readEnd(), IN);
        AtomicBoolean done = new AtomicBoolean();
        FutureTask<Boolean> waker =
                inBackground(
                        () -> {
                            while (!done.get()) {
                                poller.wakeup();
                            }
                            return true;
                        });
        try {
            for (int i = 0; i < 3_000; i++) {
                assertEquals(1, poll(-1), () -> "only one descriptor is ready: " + seen);
                assertEquals(IN, seen.events(pipe.readEnd()));
            }
            drain(pipe.readEnd());
            for (int i = 0; i < 3_000; i++) {
                assertEquals(0, poll(-1), () -> "no descriptor is ready: " + seen);
            }
        } finally {
            done.set(true);
        }
        assertTrue(result(waker));
    }

    @Case(63)
    void aWakeupRacingCloseNeverWritesToAnotherFile() throws Exception {
        Target target = new Target(poller);
        AtomicLong wakeups = new AtomicLong();
        AtomicBoolean done = new AtomicBoolean();
        FutureTask<Boolean> waker =
                inBackground(
                        () -> {
                            while (!done.get()) {
                                target.poller.wakeup();
                                wakeups.incrementAndGet();
                            }
                            return true;
                        });
        FutureTask<Boolean> closer =
                inBackground(
                        () -> {
                            while (!done.get()) {
                                Poller victim = target.poller;
                                for (int i = 0; i < 20; i++) {
                                    victim.wakeup();
                                }
                                victim.close();
                            }
                            return true;
                        });
        try {
            for (int round = 0; round < 300; round++) {
                Poller victim = provider.open();
                target.poller = victim;
                pollUntilClosed(victim);
                int[][] recycled = {bytePair(), bytePair(), bytePair()};
                long before = wakeups.get();
                until("more wakeups are called", () -> wakeups.get() > before + 100);
                for (int[] pair : recycled) {
                    assertEquals(0, read(pair[0], 8), "a wakeup wrote to another file");
                    close(pair[0]);
                    close(pair[1]);
                }
            }
        } finally {
            done.set(true);
        }
        assertTrue(result(waker));
        assertTrue(result(closer));
    }

    /** The poller that the other threads currently wake up and close. */
    private static final class Target {
        volatile Poller poller;

        Target(Poller poller) {
            this.poller = poller;
        }
    }

    private void pollUntilClosed(Poller victim) throws IOException {
        try {
            for (; ; ) {
                assertEquals(0, seen.poll(victim, -1));
            }
        } catch (ClosedPollerException e) {
            return;
        }
    }

    @Case(88)
    void aWakeupInsideASinkEndsTheNextPollAtOnce() throws Exception {
        Descriptors.Pipe pipe = pipe();
        write(pipe.writeEnd(), 1);
        poller.add(pipe.readEnd(), IN);
        assertEquals(1, pollWith((fd, events) -> poller.wakeup()));
        drain(pipe.readEnd());
        assertWokenUp();
        assertSilent();
    }

    /** Opens two connected ends. The first can read what a stray wakeup writes to the second. */
    private int[] bytePair() throws IOException {
        return io instanceof NativeDescriptors all
                ? track(Ends.of(all.socketPair()))
                : track(Ends.of(io.pipe())); // a stray write to the write end is read at the
        // read end
    }
}
