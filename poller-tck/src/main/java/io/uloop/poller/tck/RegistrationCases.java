package io.uloop.poller.tck;

import static io.uloop.poller.UEvent.ERR;
import static io.uloop.poller.UEvent.HUP;
import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.NONE;
import static io.uloop.poller.UEvent.OUT;
import static io.uloop.poller.UEvent.PRI;
import static io.uloop.poller.UEvent.RDHUP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.uloop.poller.Errno;
import io.uloop.poller.UEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import org.opentest4j.TestAbortedException;

/** Cases of what can be registered, and of refusals without effect. */
abstract class RegistrationCases extends ContractCases {
    RegistrationCases(PollerContract contract) {
        super(contract);
    }

    @Case(1)
    void aReadyDescriptorGivesOneEvent() throws Exception {
        int[] pipe = pipe();
        write(pipe[1], 1);
        poller.add(pipe[0], IN);
        assertEquals(1, poll(DEADLINE_NANOS));
        assertEquals(IN, seen.events(pipe[0]));
    }

    @Case(2)
    void addingTwiceIsEEXISTAndTheFirstStillDelivers() throws Exception {
        int[] pipe = pipe();
        poller.add(pipe[0], IN);
        assertErrno(Errno.EEXIST, pipe[0], () -> poller.add(pipe[0], NONE));
        assertErrno(Errno.EEXIST, pipe[0], () -> poller.add(pipe[0], IN));
        write(pipe[1], 1);
        awaitOnly(pipe[0], IN, NONE);
    }

    @Case(3)
    void modifyingAnUnknownDescriptorIsENOENT() throws Exception {
        int[] pipe = pipe();
        write(pipe[1], 1);
        assertErrno(Errno.ENOENT, pipe[0], () -> poller.modify(pipe[0], IN));
        assertSilent();
    }

    @Case(4)
    void removingAnUnknownDescriptorIsENOENT() throws Exception {
        int[] pipe = pipe();
        assertErrno(Errno.ENOENT, pipe[0], () -> poller.remove(pipe[0]));
        assertErrno(Errno.ENOENT, 1_000_000, () -> poller.remove(1_000_000));
    }

    @Case(5)
    void removingTwiceIsENOENT() throws Exception {
        int[] pipe = pipe();
        write(pipe[1], 1);
        poller.add(pipe[0], IN);
        poller.remove(pipe[0]);
        assertErrno(Errno.ENOENT, pipe[0], () -> poller.remove(pipe[0]));
        assertSilent();
    }

    @Case(6)
    void aNegativeDescriptorIsEBADF() {
        assertErrno(Errno.EBADF, -1, () -> poller.add(-1, IN));
        assertErrno(Errno.EBADF, -1, () -> poller.add(-1, NONE));
        assertErrno(Errno.EBADF, Integer.MIN_VALUE, () -> poller.add(Integer.MIN_VALUE, IN));
    }

    @Case(7)
    void addingAClosedDescriptorIsEBADFAndChangesNothing() throws Exception {
        int[] pipe = pipe();
        int closed = closedNumber();
        poller.add(pipe[0], IN);
        assertErrno(Errno.EBADF, closed, () -> poller.add(closed, IN));
        assertErrno(Errno.EBADF, closed, () -> poller.add(closed, NONE));
        assertUnknown(closed);
        write(pipe[1], 1);
        awaitOnly(pipe[0], IN, NONE);
    }

    @Case(8)
    void invalidInterestBitsAreRefused() throws Exception {
        int[] pipe = pipe();
        int[] registered = pipe();
        poller.add(registered[0], IN);
        for (int shift = 0; shift < Integer.SIZE; shift++) {
            int bit = 1 << shift;
            if ((bit & (UEvent.INTERESTS | UEvent.MODES)) != 0) {
                continue;
            }
            assertThrows(
                    IllegalArgumentException.class,
                    () -> poller.add(pipe[0], IN | bit),
                    () -> "add of bit " + UEvent.toString(bit));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> poller.modify(registered[0], bit),
                    () -> "modify to bit " + UEvent.toString(bit));
        }
        assertUnknown(pipe[0]);
        write(registered[1], 1);
        awaitOnly(registered[0], IN, NONE);
    }

    @Case(9)
    void anEmptyInterestIsLegalAndSilent() throws Exception {
        int[] pipe = pipe();
        write(pipe[1], 1);
        poller.add(pipe[0], NONE);
        assertSilent();
        assertErrno(Errno.EEXIST, pipe[0], () -> poller.add(pipe[0], IN));
        poller.modify(pipe[0], IN);
        awaitOnly(pipe[0], IN, NONE);
    }

    @Case(10)
    void filesAndDirectoriesAreEPERM() throws Exception {
        Path path = Files.createFile(directory().resolve("file"));
        int file = track(available(() -> nativeIo().open(path)));
        int folder = track(nativeIo().open(directory()));
        assertErrno(Errno.EPERM, file, () -> poller.add(file, IN));
        assertErrno(Errno.EPERM, folder, () -> poller.add(folder, IN));
        assertErrno(Errno.EPERM, file, () -> poller.add(file, NONE));
        assertUnknown(file);
        assertUnknown(folder);
    }

    @Case(11)
    void thePollersOwnDescriptorsAreEINVAL() throws Exception {
        Owner owner = owner();
        if (owner.descriptors().isEmpty()) {
            throw new TestAbortedException("this poller uses no descriptor internally");
        }
        poller = owner.poller();
        for (int fd : owner.descriptors().keySet()) {
            assertErrno(Errno.EINVAL, fd, () -> poller.add(fd, IN));
            assertErrno(Errno.EINVAL, fd, () -> poller.add(fd, NONE));
            assertUnknown(fd);
        }
        assertSilent();
    }

    @Case(12)
    void aFailedAddLeavesNothingBehind() throws Exception {
        int number = closedNumber();
        assertErrno(Errno.EBADF, number, () -> poller.add(number, IN));
        int next = reuse(number);
        assertSilent();
        poller.add(next, IN | OUT);
        awaitOnly(next, OUT, NONE);
    }

    @Case(13)
    void modifyingAClosedDescriptorIsEBADFAndDeregistersIt() throws Exception {
        int[] pipe = pipe();
        poller.add(pipe[0], IN);
        close(pipe[0]);
        assertErrno(Errno.EBADF, pipe[0], () -> poller.modify(pipe[0], IN | OUT));
        assertUnknown(pipe[0]);
    }

    @Case(14)
    void addAndRemoveAThousandTimesStillGivesOneEvent() throws Exception {
        int[] pipe = pipe();
        for (int i = 0; i < 1000; i++) {
            poller.add(pipe[0], IN);
            if (i % 100 == 0) {
                poll(0);
            }
            poller.remove(pipe[0]);
        }
        poller.add(pipe[0], IN);
        write(pipe[1], 1);
        assertEquals(1, poll(DEADLINE_NANOS));
        assertEquals(IN, seen.events(pipe[0]));
    }

    @Case(15)
    void descriptorsAbove1024Work() throws Exception {
        datagrams(1024); // also if the numbers are not the kernel's
        int[] pipe = pipe();
        pipe[0] = raise(pipe[0], 1024);
        pipe[1] = raise(pipe[1], 1024);
        assertTrue(Math.min(pipe[0], pipe[1]) >= 1024);
        poller.add(pipe[0], IN);
        poller.add(pipe[1], OUT);
        awaitOnly(pipe[1], OUT, NONE);
        write(pipe[1], 1);
        awaitOnly(pipe[0], IN, NONE);
    }

    @Case(16)
    void addingAfterThePeerHasClosedStillReports() throws Exception {
        int[] pipe = pipe();
        close(pipe[0]);
        poller.add(pipe[1], OUT);
        awaitOnly(pipe[1], OUT, ERR | HUP);
        poller.remove(pipe[1]);

        int[] pair = unixPair();
        close(pair[0]);
        poller.add(pair[1], IN | OUT);
        awaitOnly(pair[1], IN | OUT, ERR | HUP);
        assertFalse(seen.fds().contains(pipe[1]), "a removed descriptor must not be reported");
    }

    @Case(81)
    void interestBitsThatCannotBeReportedAreAccepted() throws Exception {
        int[] pair = unixPair();
        poller.add(pair[0], UEvent.INTERESTS);
        awaitOnly(pair[0], OUT, NONE);
        poller.modify(pair[0], PRI | RDHUP);
        assertSilent();
        write(pair[1], 1);
        assertSilent();
        poller.modify(pair[0], UEvent.INTERESTS);
        awaitOnly(pair[0], IN | OUT, NONE);
    }
}
