package io.uloop.poller.tck;

import static io.uloop.poller.UEvent.ERR;
import static io.uloop.poller.UEvent.HUP;
import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.NONE;
import static io.uloop.poller.UEvent.NVAL;
import static io.uloop.poller.UEvent.ONESHOT;
import static io.uloop.poller.UEvent.OUT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.UEvent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Cases of changes by a callback to its own batch, and of descriptors closed while registered. */
abstract class BatchCases extends ContractCases {
    BatchCases(Supplier<PollerProvider> backend) {
        super(backend);
    }

    /**
     * Opens pipes with a byte in each, and returns their read ends, which all come in one batch.
     */
    private int[] readyPipes(int count) throws Exception {
        int[] readers = new int[count];
        for (int i = 0; i < count; i++) {
            Descriptors.Pipe pipe = highPipe();
            write(pipe.writeEnd(), 1);
            readers[i] = pipe.readEnd();
        }
        return readers;
    }

    private int[] registeredPipes(int count, int interest) throws Exception {
        int[] readers = readyPipes(count);
        for (int reader : readers) {
            poller.add(reader, interest);
        }
        return readers;
    }

    /** Polls once. The first callback acts on the other one of two descriptors. */
    private int pollActingOnTheOther(int[] two, Action action) throws Exception {
        boolean[] acted = {false};
        return pollWith(
                (fd, events) -> {
                    if (!acted[0]) {
                        acted[0] = true;
                        action.on(fd == two[0] ? two[1] : two[0]);
                    }
                });
    }

    /** An action on a descriptor. */
    private interface Action {
        void on(int fd) throws Exception;
    }

    /** Binds a socket and sends a datagram to it. */
    private void sendTo(int fd) throws Exception {
        io.bind(fd, loopback(0));
        io.send(boundDatagram(), ByteBuffer.allocate(1), address(fd));
    }

    @Case(64)
    void removeByAnEarlierCallbackCancelsTheEvent() throws Exception {
        int[] two = registeredPipes(2, IN);
        int[] removed = {-1};
        int delivered =
                pollActingOnTheOther(
                        two,
                        other -> {
                            poller.remove(other);
                            removed[0] = other;
                        });
        assertEquals(1, delivered);
        assertEquals(0, seen.events(removed[0]));
        assertEquals(1, poll(DEADLINE_NANOS));
        assertEquals(0, seen.events(removed[0]));
        assertUnknown(removed[0]);
    }

    @Case(65)
    void aNumberReusedInTheBatchGetsNoOldEvent() throws Exception {
        for (boolean removedFirst : new boolean[] {true, false}) {
            int[] two = registeredPipes(2, IN);
            int[] fresh = {-1};
            int delivered =
                    pollActingOnTheOther(
                            two,
                            other -> {
                                if (removedFirst) {
                                    poller.remove(other);
                                }
                                close(other);
                                fresh[0] = reuse(other);
                                poller.add(fresh[0], IN);
                            });
            assertEquals(1, delivered, () -> "the old event was delivered: " + seen);
            int first = fresh[0] == two[0] ? two[1] : two[0];
            poller.remove(first);
            assertSilent();
            sendTo(fresh[0]);
            awaitOnly(fresh[0], IN, NONE);
            poller.remove(fresh[0]);
        }
    }

    @Case(66)
    void modifyByAnEarlierCallbackMasksTheEvent() throws Exception {
        NativeDescriptors.SocketPair a = unixPair();
        NativeDescriptors.SocketPair b = unixPair();
        int[] two = {a.first(), b.first()};
        write(a.second(), 1);
        write(b.second(), 1);
        poller.add(two[0], IN | OUT);
        poller.add(two[1], IN | OUT);
        int[] modified = {-1};
        pollActingOnTheOther(
                two,
                other -> {
                    poller.modify(other, IN);
                    modified[0] = other;
                });
        assertNotEquals(-1, modified[0], "nothing was ready");
        assertWithin(IN | ERR | HUP, seen.events(modified[0]));
        awaitOnly(modified[0], IN, NONE);

        poller.modify(modified[0], IN | OUT);
        pollActingOnTheOther(
                two,
                other -> {
                    poller.modify(other, NONE);
                    modified[0] = other;
                });
        assertEquals(0, seen.events(modified[0]), "paused by an earlier callback");
    }

    @Case(67)
    void aNumberClosedWithoutRemoveCanBeAddedAgain() throws Exception {
        int number = highPipe().readEnd();
        poller.add(number, IN);
        close(number);
        int fresh = reuse(number);
        poller.add(fresh, IN);
        assertSilent();
        sendTo(fresh);
        awaitOnly(fresh, IN, NONE);
        assertErrno(Errno.EEXIST, fresh, () -> poller.add(fresh, IN));
    }

    @Case(68)
    void aDupThatOutlivesTheClosedDescriptorIsSilent() throws Exception {
        Descriptors.Pipe pipe = pipe();
        int dup = dup(pipe.readEnd());
        poller.add(pipe.readEnd(), IN);
        write(pipe.writeEnd(), 1);
        close(pipe.readEnd());
        assertOnlyOnceInvalid(pipe.readEnd());
        write(pipe.writeEnd(), 1);
        assertSilent();
        poller.add(dup, IN);
        awaitOnly(dup, IN, NONE);
    }

    /** Asserts at most one NVAL and no event afterwards. */
    private void assertOnlyOnceInvalid(int fd) throws Exception {
        if (poll(SILENCE_NANOS) > 0) {
            assertEquals(Set.of(fd), seen.fds());
            assertEquals(NVAL, seen.events(fd), () -> UEvent.toString(seen.events(fd)));
            assertTrue(supports(NVAL), "NVAL is not a supported event");
            assertUnknown(fd);
        }
        assertSilent();
    }

    @Case(69)
    void removeAfterCloseAndReuseIsHarmless() throws Exception {
        int number = highPipe().readEnd();
        poller.add(number, IN);
        close(number);
        int fresh = reuse(number);
        Poller other = anotherPoller();
        other.add(fresh, IN);
        poller.remove(number);
        assertUnknown(number);
        sendTo(fresh);
        assertEquals(IN, await(other, fresh, IN));
        assertSilent();
        poller.add(fresh, IN);
        awaitOnly(fresh, IN, NONE);
    }

    @Case(70)
    void addInACallbackTakesEffectInTheNextPoll() throws Exception {
        int[] ready = readyPipes(2);
        poller.add(ready[0], IN);
        int delivered = pollWith((fd, events) -> poller.add(ready[1], IN));
        assertEquals(1, delivered, () -> "more events than expected: " + seen);
        assertEquals(2, poll(DEADLINE_NANOS));
    }

    @Case(71)
    void eventsLeftByAThrowingSinkAreDeliveredNext() throws Exception {
        require(ONESHOT);
        int[] three = registeredPipes(3, IN | ONESHOT);
        RuntimeException thrown = new RuntimeException("thrown by the case's sink");
        Set<Integer> called = new HashSet<>();
        assertSame(
                thrown,
                assertThrows(
                        RuntimeException.class,
                        () ->
                                poller.poll(
                                        DEADLINE_NANOS,
                                        (fd, events) -> {
                                            called.add(fd);
                                            throw thrown;
                                        })));
        assertEquals(1, called.size());
        assertEquals(2, poll(DEADLINE_NANOS));
        called.addAll(seen.fds());
        assertEquals(Set.of(three[0], three[1], three[2]), called);
        assertSilent();
    }

    @Case(72)
    void aPollInsideASinkIsRefused() throws Exception {
        registeredPipes(2, IN);
        List<Throwable> refusals = new ArrayList<>();
        int delivered =
                pollWith(
                        (fd, events) ->
                                refusals.add(
                                        assertThrows(
                                                IllegalStateException.class,
                                                () -> poller.poll(0, (f, e) -> {}))));
        assertEquals(2, delivered);
        assertEquals(2, refusals.size());
        assertFalse(refusals.get(0) instanceof ClosedPollerException);
        assertEquals(2, poll(DEADLINE_NANOS), "the poller continues to work");
    }

    @Case(73)
    void aDescriptorClosedWhileRegisteredReportsNVALAtMostOnce() throws Exception {
        for (int interest : new int[] {IN, NONE}) {
            int number = readyPipes(1)[0];
            poller.add(number, interest);
            close(number);
            assertOnlyOnceInvalid(number);
            int fresh = reuse(number);
            assertSilent();
            poller.add(fresh, OUT);
            awaitOnly(fresh, OUT, NONE);
            poller.remove(fresh);
        }
    }

    @Case(83)
    void aCallbackMayRemoveAndCloseItsOwnDescriptor() throws Exception {
        int[] three = registeredPipes(3, IN);
        int delivered =
                pollWith(
                        (fd, events) -> {
                            poller.remove(fd);
                            close(fd);
                        });
        assertEquals(3, delivered);
        assertSilent();
        assertUnknown(three[0]);
    }

    @Case(84)
    void aCallbackMayRearmItsOwnOneshot() throws Exception {
        require(ONESHOT);
        int reader = registeredPipes(1, IN | ONESHOT)[0];
        for (int i = 0; i < 3; i++) {
            assertEquals(
                    1, pollWith((fd, events) -> poller.modify(fd, IN | ONESHOT)), "once per poll");
        }
        awaitOnly(reader, IN, NONE);
        assertSilent();
    }

    @Case(85)
    void removeAndAddInACallbackDelaysTheEventToTheNextPoll() throws Exception {
        int[] two = registeredPipes(2, IN);
        int delivered =
                pollActingOnTheOther(
                        two,
                        other -> {
                            poller.remove(other);
                            poller.add(other, IN);
                        });
        assertEquals(
                1, delivered, () -> "the event of the old registration was delivered: " + seen);
        assertEquals(2, poll(DEADLINE_NANOS));
    }

    @Case(86)
    void aOneshotRearmedByAnotherCallbackFiresOnce() throws Exception {
        require(ONESHOT);
        int[] two = registeredPipes(2, IN | ONESHOT);
        int[] armed = {-1};
        int events =
                pollActingOnTheOther(
                        two,
                        other -> {
                            poller.modify(other, IN | ONESHOT);
                            armed[0] = other;
                        });
        if (events == 1) {
            awaitOnly(armed[0], IN, NONE);
        }
        assertSilent();
    }

    @Case(87)
    void eventsLeftByAThrowingSinkAreCheckedAgain() throws Exception {
        int[] three = registeredPipes(3, IN);
        List<Integer> called = new ArrayList<>();
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        poller.poll(
                                DEADLINE_NANOS,
                                (fd, events) -> {
                                    called.add(fd);
                                    throw new IllegalArgumentException("the case's sink");
                                }));
        Set<Integer> left = new HashSet<>(List.of(three[0], three[1], three[2]));
        assertTrue(left.removeAll(called));
        int removed = left.iterator().next();
        poller.remove(removed);
        left.remove(removed);
        int kept = left.iterator().next();
        assertTrue(poll(DEADLINE_NANOS) > 0);
        assertEquals(0, seen.events(removed), "removed in the meantime");
        assertEquals(IN, seen.events(kept));
    }

    @Case(92)
    void aDupOfAClosedFileNeverReportsForTheReusedNumber() throws Exception {
        Descriptors.Pipe pipe = highPipe();
        int dup = dup(pipe.readEnd());
        poller.add(pipe.readEnd(), IN);
        close(pipe.readEnd());
        int fresh = reuse(pipe.readEnd());
        poller.add(fresh, IN);
        write(pipe.writeEnd(), 1);
        assertSilent();
        sendTo(fresh);
        awaitOnly(fresh, IN, NONE);
        assertEquals(1, drain(dup));
    }

    @Case(94)
    void modifyAfterCloseAndReuseIsEBADF() throws Exception {
        int number = highPipe().readEnd();
        poller.add(number, IN);
        close(number);
        int fresh = reuse(number);
        assertErrno(Errno.EBADF, number, () -> poller.modify(number, IN | OUT));
        assertUnknown(number);
        assertSilent();
        poller.add(fresh, OUT);
        awaitOnly(fresh, OUT, NONE);
    }

    @Case(96)
    void aReadyDupOfAClosedDescriptorDoesNotSpin() throws Exception {
        Map<String, Action> ends =
                Map.of(
                        "closed",
                        fd -> close(fd),
                        "closed and removed",
                        fd -> {
                            close(fd);
                            poller.remove(fd);
                        },
                        "closed and paused",
                        fd -> {
                            close(fd);
                            assertErrno(Errno.EBADF, fd, () -> poller.modify(fd, NONE));
                        });
        for (Map.Entry<String, Action> end : ends.entrySet()) {
            Descriptors.Pipe pipe = pipe();
            int dup = dup(pipe.readEnd());
            poller.add(pipe.readEnd(), IN);
            end.getValue().on(pipe.readEnd());
            write(pipe.writeEnd(), 1);
            assertOnlyOnceInvalid(pipe.readEnd());
            assertSleeps(end.getKey());
            close(dup);
        }
    }

    /** Waits long enough to detect spinning even on a busy machine. */
    private void assertSleeps(String what) throws Exception {
        long start = cpuNanos();
        assertEquals(0, poll(8 * SILENCE_NANOS));
        long spent = cpuNanos() - start;
        assertTrue(spent < SILENCE_NANOS / 2, () -> what + ": spun for " + spent + " ns");
    }

    @Case(97)
    void aRearmedOneshotIsNotFiredByTheOldBatch() throws Exception {
        require(ONESHOT);
        int[] two = registeredPipes(2, IN | ONESHOT);
        int[] armed = {-1};
        int delivered =
                pollActingOnTheOther(
                        two,
                        other -> {
                            drain(other);
                            poller.modify(other, IN | ONESHOT);
                            armed[0] = other;
                        });
        assertEquals(1, delivered, () -> "the drained descriptor was reported: " + seen);
        assertEquals(0, seen.events(armed[0]));
        assertSilent();
    }

    @Case(98)
    void modifyAfterTheSameFileReusesItsNumberIsEBADF() throws Exception {
        Descriptors.Pipe pipe = highPipe();
        int dup = dup(pipe.readEnd());
        poller.add(pipe.readEnd(), IN);
        close(pipe.readEnd());
        reuse(dup, pipe.readEnd());
        assertErrno(Errno.EBADF, pipe.readEnd(), () -> poller.modify(pipe.readEnd(), IN | OUT));
        assertUnknown(pipe.readEnd());
        write(pipe.writeEnd(), 1);
        assertSilent();
        poller.add(pipe.readEnd(), IN);
        awaitOnly(pipe.readEnd(), IN, NONE);
    }
}
