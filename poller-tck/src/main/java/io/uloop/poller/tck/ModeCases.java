package io.uloop.poller.tck;

import static io.uloop.poller.UEvent.EDGE;
import static io.uloop.poller.UEvent.EXCLUSIVE;
import static io.uloop.poller.UEvent.HUP;
import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.NONE;
import static io.uloop.poller.UEvent.ONESHOT;
import static io.uloop.poller.UEvent.OUT;
import static io.uloop.poller.UEvent.PRI;
import static io.uloop.poller.UEvent.RDHUP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.uloop.poller.Errno;
import io.uloop.poller.Poller;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

/** Cases of how often a condition is reported in each mode. */
abstract class ModeCases extends ContractCases {
    ModeCases(PollerContract contract) {
        super(contract);
    }

    @Case(39)
    void levelRepeatsUntilDrained() throws Exception {
        int[] pipe = pipe();
        write(pipe[1], 1);
        poller.add(pipe[0], IN);
        for (int i = 0; i < 3; i++) {
            assertEquals(1, poll(DEADLINE_NANOS));
            assertEquals(IN, seen.events(pipe[0]));
        }
        drain(pipe[0]);
        assertSilent();
    }

    @Case(40)
    void aPartialReadLeavesTheDescriptorReady() throws Exception {
        int[] pipe = pipe();
        write(pipe[1], 1, 2, 3);
        poller.add(pipe[0], IN);
        for (int i = 0; i < 3; i++) {
            awaitOnly(pipe[0], IN, NONE);
            assertEquals(1, read(pipe[0], 1));
        }
        assertSilent();
    }

    @Case(41)
    void edgeIsReportedOnceAndAgainForNewData() throws Exception {
        require(EDGE);
        Tcp tcp = tcp();
        poller.add(tcp.fd(), IN | EDGE);
        tcp.peer().getOutputStream().write(1);
        awaitOnly(tcp.fd(), IN, NONE);
        assertSilent();
        tcp.peer().getOutputStream().write(2);
        awaitOnly(tcp.fd(), IN, NONE);
        assertEquals(2, drain(tcp.fd()));
        assertSilent();
        tcp.peer().getOutputStream().write(3);
        awaitOnly(tcp.fd(), IN, NONE);
    }

    @Case(42)
    void modifyRearmsEdge() throws Exception {
        require(EDGE);
        int[] pipe = pipe();
        write(pipe[1], 1);
        poller.add(pipe[0], IN | EDGE);
        for (int i = 0; i < 3; i++) {
            awaitOnly(pipe[0], IN, NONE);
            assertSilent();
            poller.modify(pipe[0], IN | EDGE);
        }
        awaitOnly(pipe[0], IN, NONE);
    }

    @Case(43)
    void oneshotFiresOnceAndModifyReportsAPendingCondition() throws Exception {
        require(ONESHOT);
        int[] pipe = pipe();
        write(pipe[1], 1);
        poller.add(pipe[0], IN | ONESHOT);
        for (int i = 0; i < 3; i++) {
            awaitOnly(pipe[0], IN, NONE);
            assertSilent();
            write(pipe[1], 2);
            assertSilent();
            assertErrno(Errno.EEXIST, pipe[0], () -> poller.add(pipe[0], IN));
            poller.modify(pipe[0], IN | ONESHOT);
        }
    }

    @Case(44)
    void aFiredOneshotReportsNoHUP() throws Exception {
        require(ONESHOT);
        int[] pipe = pipe();
        write(pipe[1], 1);
        poller.add(pipe[0], IN | ONESHOT);
        awaitOnly(pipe[0], IN, NONE);
        close(pipe[1]);
        assertSilent();
        poller.modify(pipe[0], IN | ONESHOT);
        awaitOnly(pipe[0], IN | HUP, NONE);
        assertSilent();
    }

    @Case(45)
    void modifySwitchesBetweenLevelAndOneshot() throws Exception {
        require(ONESHOT);
        int[] pipe = pipe();
        write(pipe[1], 1);
        poller.add(pipe[0], IN);
        awaitOnly(pipe[0], IN, NONE);
        awaitOnly(pipe[0], IN, NONE);
        poller.modify(pipe[0], IN | ONESHOT);
        awaitOnly(pipe[0], IN, NONE);
        assertSilent();
        poller.modify(pipe[0], IN);
        awaitOnly(pipe[0], IN, NONE);
        awaitOnly(pipe[0], IN, NONE);
    }

    @Case(46)
    void anUnsupportedModeIsRefusedWithoutEffect() throws Exception {
        int[] pipe = pipe();
        int[] registered = pipe();
        poller.add(registered[0], IN);
        for (int mode : new int[] {EDGE, ONESHOT, EXCLUSIVE}) {
            if (!supports(mode)) {
                assertThrows(
                        UnsupportedOperationException.class, () -> poller.add(pipe[0], IN | mode));
                assertThrows(
                        UnsupportedOperationException.class,
                        () -> poller.modify(registered[0], OUT | mode));
            }
        }
        if (supports(EXCLUSIVE)) {
            for (int companion : new int[] {PRI, RDHUP, ONESHOT}) {
                int interest = IN | EXCLUSIVE | companion;
                assertErrno(Errno.EINVAL, pipe[0], () -> poller.add(pipe[0], interest));
                assertErrno(
                        Errno.EINVAL, registered[0], () -> poller.modify(registered[0], interest));
            }
        }
        assertUnknown(pipe[0]);
        write(registered[1], 1);
        awaitOnly(registered[0], IN, NONE);
        poller.add(pipe[0], IN);
    }

    @Case(47)
    void twoPollersOfOneDescriptorBothReport() throws Exception {
        int[] pipe = pipe();
        Poller second = anotherPoller();
        poller.add(pipe[0], IN);
        second.add(pipe[0], IN);
        write(pipe[1], 1);
        awaitOnly(pipe[0], IN, NONE);
        assertEquals(IN, await(second, pipe[0], IN));
        poller.remove(pipe[0]);
        assertEquals(IN, await(second, pipe[0], IN));
        second.remove(pipe[0]);
        drain(pipe[0]);
        if (supports(EXCLUSIVE)) {
            assertAtLeastOneReports(second, pipe);
        }
    }

    private void assertAtLeastOneReports(Poller second, int[] pipe) throws Exception {
        poller.add(pipe[0], IN | EXCLUSIVE);
        second.add(pipe[0], IN | EXCLUSIVE);
        AtomicInteger reports = new AtomicInteger();
        FutureTask<Boolean> other =
                inBackground(
                        () -> {
                            reports.addAndGet(new Recorder().poll(second, DEADLINE_NANOS));
                            poller.wakeup();
                            return true;
                        });
        FutureTask<Boolean> writer =
                inBackground(
                        () -> {
                            untilPolled(poller);
                            untilPolled(second);
                            letPass(SILENCE_NANOS / 5);
                            write(pipe[1], 1);
                            return true;
                        });
        reports.addAndGet(poll(DEADLINE_NANOS));
        second.wakeup();
        assertTrue(result(other));
        assertTrue(result(writer));
        assertTrue(reports.get() >= 1, "neither poller reported");
    }

    @Case(48)
    void modifyReplacesTheInterest() throws Exception {
        Tcp tcp = tcp();
        poller.add(tcp.fd(), OUT);
        awaitOnly(tcp.fd(), OUT, NONE);
        poller.modify(tcp.fd(), IN);
        assertSilent();
        tcp.peer().getOutputStream().write(1);
        awaitOnly(tcp.fd(), IN, NONE);
        poller.modify(tcp.fd(), OUT);
        awaitOnly(tcp.fd(), OUT, NONE);
    }

    @Case(49)
    void readableAndWritableIsOneEvent() throws Exception {
        Tcp tcp = tcp();
        poller.add(tcp.fd(), IN | OUT);
        tcp.peer().getOutputStream().write(1);
        awaitOnly(tcp.fd(), IN | OUT, NONE);
        assertEquals(1, poll(DEADLINE_NANOS));
        assertEquals(IN | OUT, seen.events(tcp.fd()));
    }

    @Case(50)
    void aDescriptorAndItsDupAreIndependent() throws Exception {
        int[] pipe = pipe();
        int dup = dup(pipe[0]);
        write(pipe[1], 1);
        poller.add(pipe[0], IN);
        poller.add(dup, IN);
        assertEquals(2, poll(DEADLINE_NANOS));
        assertEquals(IN, seen.events(pipe[0]));
        assertEquals(IN, seen.events(dup));
        poller.modify(dup, NONE);
        assertEquals(1, poll(DEADLINE_NANOS));
        assertEquals(IN, seen.events(pipe[0]));
        poller.remove(pipe[0]);
        poller.modify(dup, IN);
        assertEquals(1, poll(DEADLINE_NANOS));
        assertEquals(IN, seen.events(dup));
    }

    @Case(82)
    void anExclusiveDescriptorCanBeModified() throws Exception {
        require(EXCLUSIVE);
        int[] pair = unixPair();
        poller.add(pair[0], IN | EXCLUSIVE);
        assertSilent();
        poller.modify(pair[0], OUT | EXCLUSIVE);
        awaitOnly(pair[0], OUT, NONE);
        poller.modify(pair[0], NONE);
        assertSilent();
        poller.modify(pair[0], IN | OUT);
        awaitOnly(pair[0], OUT, NONE);
        poller.modify(pair[0], IN | EXCLUSIVE);
        write(pair[1], 1);
        awaitOnly(pair[0], IN, NONE);
    }

    @Case(95)
    void edgeWithOneshotFiresOncePerModify() throws Exception {
        require(EDGE | ONESHOT);
        int[] pipe = pipe();
        write(pipe[1], 1);
        poller.add(pipe[0], IN | EDGE | ONESHOT);
        for (int i = 0; i < 3; i++) {
            awaitOnly(pipe[0], IN, NONE);
            write(pipe[1], 2);
            assertSilent();
            poller.modify(pipe[0], IN | EDGE | ONESHOT);
        }
        awaitOnly(pipe[0], IN, NONE);
    }
}
