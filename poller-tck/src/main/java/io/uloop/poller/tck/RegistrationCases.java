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

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.UEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.opentest4j.TestAbortedException;

/** Cases of what can be registered, and of refusals without effect. */
abstract class RegistrationCases extends ContractCases {
    RegistrationCases(Supplier<PollerProvider> backend) {
        super(backend);
    }

    @Case(1)
    void aReadyDescriptorGivesOneEvent() throws Exception {
        Descriptors.Pipe pipe = pipe();
        write(pipe.writeEnd(), 1);
        poller.add(pipe.readEnd(), IN);
        assertEquals(1, poll(DEADLINE_NANOS));
        assertEquals(IN, seen.events(pipe.readEnd()));
    }

    @Case(2)
    void addingTwiceIsEEXISTAndTheFirstStillDelivers() throws Exception {
        Descriptors.Pipe pipe = pipe();
        poller.add(pipe.readEnd(), IN);
        assertErrno(Errno.EEXIST, pipe.readEnd(), () -> poller.add(pipe.readEnd(), NONE));
        assertErrno(Errno.EEXIST, pipe.readEnd(), () -> poller.add(pipe.readEnd(), IN));
        write(pipe.writeEnd(), 1);
        awaitOnly(pipe.readEnd(), IN, NONE);
    }

    @Case(3)
    void modifyingAnUnknownDescriptorIsENOENT() throws Exception {
        Descriptors.Pipe pipe = pipe();
        write(pipe.writeEnd(), 1);
        assertErrno(Errno.ENOENT, pipe.readEnd(), () -> poller.modify(pipe.readEnd(), IN));
        assertSilent();
    }

    @Case(4)
    void removingAnUnknownDescriptorIsENOENT() throws Exception {
        Descriptors.Pipe pipe = pipe();
        assertErrno(Errno.ENOENT, pipe.readEnd(), () -> poller.remove(pipe.readEnd()));
        assertErrno(Errno.ENOENT, 1_000_000, () -> poller.remove(1_000_000));
    }

    @Case(5)
    void removingTwiceIsENOENT() throws Exception {
        Descriptors.Pipe pipe = pipe();
        write(pipe.writeEnd(), 1);
        poller.add(pipe.readEnd(), IN);
        poller.remove(pipe.readEnd());
        assertErrno(Errno.ENOENT, pipe.readEnd(), () -> poller.remove(pipe.readEnd()));
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
        Descriptors.Pipe pipe = pipe();
        int closed = closedNumber();
        poller.add(pipe.readEnd(), IN);
        assertErrno(Errno.EBADF, closed, () -> poller.add(closed, IN));
        assertErrno(Errno.EBADF, closed, () -> poller.add(closed, NONE));
        assertUnknown(closed);
        write(pipe.writeEnd(), 1);
        awaitOnly(pipe.readEnd(), IN, NONE);
    }

    @Case(8)
    void invalidInterestBitsAreRefused() throws Exception {
        Descriptors.Pipe pipe = pipe();
        Descriptors.Pipe registered = pipe();
        poller.add(registered.readEnd(), IN);
        for (int shift = 0; shift < Integer.SIZE; shift++) {
            int bit = 1 << shift;
            if ((bit & (UEvent.INTERESTS | UEvent.MODES)) != 0) {
                continue;
            }
            assertThrows(
                    IllegalArgumentException.class,
                    () -> poller.add(pipe.readEnd(), IN | bit),
                    () -> "add of bit " + UEvent.toString(bit));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> poller.modify(registered.readEnd(), bit),
                    () -> "modify to bit " + UEvent.toString(bit));
        }
        assertUnknown(pipe.readEnd());
        write(registered.writeEnd(), 1);
        awaitOnly(registered.readEnd(), IN, NONE);
    }

    @Case(9)
    void anEmptyInterestIsLegalAndSilent() throws Exception {
        Descriptors.Pipe pipe = pipe();
        write(pipe.writeEnd(), 1);
        poller.add(pipe.readEnd(), NONE);
        assertSilent();
        assertErrno(Errno.EEXIST, pipe.readEnd(), () -> poller.add(pipe.readEnd(), IN));
        poller.modify(pipe.readEnd(), IN);
        awaitOnly(pipe.readEnd(), IN, NONE);
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
        Descriptors.Pipe pipe = pipe();
        poller.add(pipe.readEnd(), IN);
        close(pipe.readEnd());
        assertErrno(Errno.EBADF, pipe.readEnd(), () -> poller.modify(pipe.readEnd(), IN | OUT));
        assertUnknown(pipe.readEnd());
    }

    @Case(14)
    void addAndRemoveAThousandTimesStillGivesOneEvent() throws Exception {
        Descriptors.Pipe pipe = pipe();
        for (int i = 0; i < 1000; i++) {
            poller.add(pipe.readEnd(), IN);
            if (i % 100 == 0) {
                poll(0);
            }
            poller.remove(pipe.readEnd());
        }
        poller.add(pipe.readEnd(), IN);
        write(pipe.writeEnd(), 1);
        assertEquals(1, poll(DEADLINE_NANOS));
        assertEquals(IN, seen.events(pipe.readEnd()));
    }

    @Case(15)
    void descriptorsAbove1024Work() throws Exception {
        datagrams(1024); // also if the numbers are not the kernel's
        Descriptors.Pipe pipe = pipe();
        int reader = raise(pipe.readEnd(), 1024);
        int writer = raise(pipe.writeEnd(), 1024);
        assertTrue(Math.min(reader, writer) >= 1024);
        poller.add(reader, IN);
        poller.add(writer, OUT);
        awaitOnly(writer, OUT, NONE);
        write(writer, 1);
        awaitOnly(reader, IN, NONE);
    }

    @Case(16)
    void addingAfterThePeerHasClosedStillReports() throws Exception {
        Descriptors.Pipe pipe = pipe();
        close(pipe.readEnd());
        poller.add(pipe.writeEnd(), OUT);
        awaitOnly(pipe.writeEnd(), OUT, ERR | HUP);
        poller.remove(pipe.writeEnd());

        NativeDescriptors.SocketPair pair = unixPair();
        close(pair.first());
        poller.add(pair.second(), IN | OUT);
        awaitOnly(pair.second(), IN | OUT, ERR | HUP);
        assertFalse(
                seen.fds().contains(pipe.writeEnd()), "a removed descriptor must not be reported");
    }

    @Case(81)
    void interestBitsThatCannotBeReportedAreAccepted() throws Exception {
        NativeDescriptors.SocketPair pair = unixPair();
        poller.add(pair.first(), UEvent.INTERESTS);
        awaitOnly(pair.first(), OUT, NONE);
        poller.modify(pair.first(), PRI | RDHUP);
        assertSilent();
        write(pair.second(), 1);
        assertSilent();
        poller.modify(pair.first(), UEvent.INTERESTS);
        awaitOnly(pair.first(), IN | OUT, NONE);
    }

    @Case(110)
    void aPollerTellsTheInterestThatWasLastSet() throws Exception {
        int fd = pipe().readEnd();
        assertEquals(-1, poller.interest(fd));
        assertEquals(-1, poller.interest(-1));
        poller.add(fd, IN);
        if (poller.interest(fd) == -1) {
            throw new TestAbortedException("this poller does not tell the interest");
        }
        assertEquals(IN, poller.interest(fd));
        poller.modify(fd, IN | PRI);
        assertEquals(IN | PRI, poller.interest(fd));
        assertThrows(IllegalArgumentException.class, () -> poller.modify(fd, ERR));
        assertEquals(IN | PRI, poller.interest(fd));
        poller.modify(fd, NONE);
        assertEquals(NONE, poller.interest(fd));
        poller.remove(fd);
        assertEquals(-1, poller.interest(fd));
    }
}
