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

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Cases of how often a condition is reported in each mode. */
abstract class ModeCases extends ContractCases {
    ModeCases(Supplier<PollerProvider> backend) {
        super(backend);
    }

    @Case(39)
    void levelRepeatsUntilDrained() throws Exception {
        Descriptors.Pipe pipe = pipe();
        write(pipe.writeEnd(), 1);
        poller.add(pipe.readEnd(), IN);
        for (int i = 0; i < 3; i++) {
            assertEquals(1, poll(DEADLINE_NANOS));
            assertEquals(IN, seen.events(pipe.readEnd()));
        }
        drain(pipe.readEnd());
        assertSilent();
    }

    @Case(40)
    void aPartialReadLeavesTheDescriptorReady() throws Exception {
        Descriptors.Pipe pipe = pipe();
        write(pipe.writeEnd(), 1, 2, 3);
        poller.add(pipe.readEnd(), IN);
        for (int i = 0; i < 3; i++) {
            awaitOnly(pipe.readEnd(), IN, NONE);
            assertEquals(1, read(pipe.readEnd(), 1));
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
        Descriptors.Pipe pipe = pipe();
        write(pipe.writeEnd(), 1);
        poller.add(pipe.readEnd(), IN | EDGE);
        for (int i = 0; i < 3; i++) {
            awaitOnly(pipe.readEnd(), IN, NONE);
            assertSilent();
            poller.modify(pipe.readEnd(), IN | EDGE);
        }
        awaitOnly(pipe.readEnd(), IN, NONE);
    }

    @Case(43)
    void oneshotFiresOnceAndModifyReportsAPendingCondition() throws Exception {
        require(ONESHOT);
        Descriptors.Pipe pipe = pipe();
        write(pipe.writeEnd(), 1);
        poller.add(pipe.readEnd(), IN | ONESHOT);
        for (int i = 0; i < 3; i++) {
            awaitOnly(pipe.readEnd(), IN, NONE);
            assertSilent();
            write(pipe.writeEnd(), 2);
            assertSilent();
            assertErrno(Errno.EEXIST, pipe.readEnd(), () -> poller.add(pipe.readEnd(), IN));
            poller.modify(pipe.readEnd(), IN | ONESHOT);
        }
    }

    @Case(44)
    void aFiredOneshotReportsNoHUP() throws Exception {
        require(ONESHOT);
        Descriptors.Pipe pipe = pipe();
        write(pipe.writeEnd(), 1);
        poller.add(pipe.readEnd(), IN | ONESHOT);
        awaitOnly(pipe.readEnd(), IN, NONE);
        close(pipe.writeEnd());
        assertSilent();
        poller.modify(pipe.readEnd(), IN | ONESHOT);
        awaitOnly(pipe.readEnd(), IN | HUP, NONE);
        assertSilent();
    }

    @Case(45)
    void modifySwitchesBetweenLevelAndOneshot() throws Exception {
        require(ONESHOT);
        Descriptors.Pipe pipe = pipe();
        write(pipe.writeEnd(), 1);
        poller.add(pipe.readEnd(), IN);
        awaitOnly(pipe.readEnd(), IN, NONE);
        awaitOnly(pipe.readEnd(), IN, NONE);
        poller.modify(pipe.readEnd(), IN | ONESHOT);
        awaitOnly(pipe.readEnd(), IN, NONE);
        assertSilent();
        poller.modify(pipe.readEnd(), IN);
        awaitOnly(pipe.readEnd(), IN, NONE);
        awaitOnly(pipe.readEnd(), IN, NONE);
    }

    @Case(46)
    void anUnsupportedModeIsRefusedWithoutEffect() throws Exception {
        Descriptors.Pipe pipe = pipe();
        Descriptors.Pipe registered = pipe();
        poller.add(registered.readEnd(), IN);
        for (int mode : new int[] {EDGE, ONESHOT, EXCLUSIVE}) {
            if (!supports(mode)) {
                assertThrows(
                        UnsupportedOperationException.class,
                        () -> poller.add(pipe.readEnd(), IN | mode));
                assertThrows(
                        UnsupportedOperationException.class,
                        () -> poller.modify(registered.readEnd(), OUT | mode));
            }
        }
        if (supports(EXCLUSIVE)) {
            for (int companion : new int[] {PRI, RDHUP, ONESHOT}) {
                int interest = IN | EXCLUSIVE | companion;
                assertErrno(
                        Errno.EINVAL, pipe.readEnd(), () -> poller.add(pipe.readEnd(), interest));
                assertErrno(
                        Errno.EINVAL,
                        registered.readEnd(),
                        () -> poller.modify(registered.readEnd(), interest));
            }
        }
        assertUnknown(pipe.readEnd());
        write(registered.writeEnd(), 1);
        awaitOnly(registered.readEnd(), IN, NONE);
        poller.add(pipe.readEnd(), IN);
    }

    @Case(47)
    void twoPollersOfOneDescriptorBothReport() throws Exception {
        Descriptors.Pipe pipe = pipe();
        Poller second = anotherPoller();
        poller.add(pipe.readEnd(), IN);
        second.add(pipe.readEnd(), IN);
        write(pipe.writeEnd(), 1);
        awaitOnly(pipe.readEnd(), IN, NONE);
        assertEquals(IN, await(second, pipe.readEnd(), IN));
        poller.remove(pipe.readEnd());
        assertEquals(IN, await(second, pipe.readEnd(), IN));
        second.remove(pipe.readEnd());
        drain(pipe.readEnd());
        if (supports(EXCLUSIVE)) {
            assertAtLeastOneReports(second, pipe);
        }
    }

    private void assertAtLeastOneReports(Poller second, Descriptors.Pipe pipe) throws Exception {
        poller.add(pipe.readEnd(), IN | EXCLUSIVE);
        second.add(pipe.readEnd(), IN | EXCLUSIVE);
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
                            write(pipe.writeEnd(), 1);
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
        Descriptors.Pipe pipe = pipe();
        int dup = dup(pipe.readEnd());
        write(pipe.writeEnd(), 1);
        poller.add(pipe.readEnd(), IN);
        poller.add(dup, IN);
        assertEquals(2, poll(DEADLINE_NANOS));
        assertEquals(IN, seen.events(pipe.readEnd()));
        assertEquals(IN, seen.events(dup));
        poller.modify(dup, NONE);
        assertEquals(1, poll(DEADLINE_NANOS));
        assertEquals(IN, seen.events(pipe.readEnd()));
        poller.remove(pipe.readEnd());
        poller.modify(dup, IN);
        assertEquals(1, poll(DEADLINE_NANOS));
        assertEquals(IN, seen.events(dup));
    }

    @Case(82)
    void anExclusiveDescriptorCanBeModified() throws Exception {
        require(EXCLUSIVE);
        NativeDescriptors.SocketPair pair = unixPair();
        poller.add(pair.first(), IN | EXCLUSIVE);
        assertSilent();
        poller.modify(pair.first(), OUT | EXCLUSIVE);
        awaitOnly(pair.first(), OUT, NONE);
        poller.modify(pair.first(), NONE);
        assertSilent();
        poller.modify(pair.first(), IN | OUT);
        awaitOnly(pair.first(), OUT, NONE);
        poller.modify(pair.first(), IN | EXCLUSIVE);
        write(pair.second(), 1);
        awaitOnly(pair.first(), IN, NONE);
    }

    @Case(95)
    void edgeWithOneshotFiresOncePerModify() throws Exception {
        require(EDGE | ONESHOT);
        Descriptors.Pipe pipe = pipe();
        write(pipe.writeEnd(), 1);
        poller.add(pipe.readEnd(), IN | EDGE | ONESHOT);
        for (int i = 0; i < 3; i++) {
            awaitOnly(pipe.readEnd(), IN, NONE);
            write(pipe.writeEnd(), 2);
            assertSilent();
            poller.modify(pipe.readEnd(), IN | EDGE | ONESHOT);
        }
        awaitOnly(pipe.readEnd(), IN, NONE);
    }
}
